import { frameTokens } from '../../contract/rounds';
import type { Engine } from '../../main/inference/engine';
import type { Pack } from '../../main/packs/pack';
import { speakRequest } from '../../main/speak-request';
import type { Llama } from '../llama/llama';
import { SENTENCES } from '../sentences';
import type { PackSettings } from './pack-contestants';

/** Tokens compared of each sentence. */
const TOKENS = 32;

/** Tokens at temperature 0 that are the same from the first on, and how many were compared. */
export type Agreement = { same: number; of: number };

/**
 * How long llama.cpp's greedy tokens follow ours. Activations are rounded to 8 bits in other places,
 * so that near ties fall either way; other weights would differ at once.
 */
export async function greedyAgreement(
  engine: Engine,
  llama: Llama,
  pack: Pack,
  chosen: PackSettings,
  threads: number,
): Promise<Agreement> {
  const { defaults } = pack.summary;
  const greedy = {
    temperature: 0,
    topP: 1,
    topK: 0,
    repetitionPenalty: 1,
    method: 'plain',
  } as const;
  const agreement = { same: 0, of: 0 };
  for (const text of SENTENCES.slice(0, 4)) {
    const request = speakRequest(pack, text, { ...defaults, ...chosen, ...greedy, seed: 1 });
    const ours: number[] = [];
    const stop = new AbortController();
    const listen: Parameters<Engine['speak']>[1] = (event) => {
      if (event.type === 'rounds') ours.push(...event.rounds.flatMap(frameTokens));
      if (ours.length >= TOKENS) stop.abort();
    };
    await engine.speak(request, listen, { signal: stop.signal });
    const tokens = Math.min(TOKENS, ours.length);
    const [{ prompt }] = request.pieces;
    const theirs = await llama.tokens({
      threads,
      prompt,
      tokens,
      temperature: 0,
      topP: 1,
      seed: 1,
      lookahead: null,
    });
    const different = theirs.findIndex((token, i) => token !== ours[i]);
    agreement.same += different < 0 ? tokens : different;
    agreement.of += tokens;
  }
  return agreement;
}
