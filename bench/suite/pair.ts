import { groupsAt } from '../../main/decoding/groups';
import type { DecoderPack } from '../../main/inference/models';
import { passage } from '../../main/inference/passage';
import { ReplayingPair } from '../replay/replay';
import { ringOf } from '../replay/ring';
import { type Floor, measureFloor } from './floor';
import { llamaContestants } from './llama-contestants';
import type { Llamas } from './open-llama';
import type { Place } from './places';
import { type Row, rowsOf } from './rows';
import { measurePasses, type TargetPasses } from './target-passes';
import { type Contestant, inTurns, type Progress } from './turns';
import { waysFor } from './ways';

/** As large as the paper's. */
const GROUP_SIZE = 139;
const PROMPT_LENGTH = 64;
const TOKENS = 48;
/** Runs of each way. */
const REPEATS = 3;

export type PairReport = {
  targetLayers: number;
  vocabularySize: number;
  groupSize: number;
  tokens: number;
  floor: Floor;
  rows: Row[];
  passes: TargetPasses;
};

/** Every way of decoding with a synthetic pair, acceptance replayed; `lookahead` is that of exact. */
export async function measurePair(
  pack: DecoderPack,
  places: readonly Place[],
  lookahead: number,
  llamas: Llamas,
  progress: Progress,
): Promise<PairReport> {
  const floor = await measureFloor(pack, places);
  const passes = await measurePasses(pack, places, lookahead);
  const groups = groupsAt(ringOf(pack.vocabularySize, GROUP_SIZE), 0.4);
  const pairs: ReplayingPair[] = [];
  const contestants: Contestant[] = [];
  for (const place of places) {
    const pair = await ReplayingPair.open({ ...pack, gpu: place.gpu }, place.device, place.threads);
    pairs.push(pair);
    for (const way of waysFor(lookahead)) {
      contestants.push({
        place: place.name,
        method: way.name,
        decode: (_, seed) =>
          pair.run({ ...way, groups, promptLength: PROMPT_LENGTH, tokens: TOKENS, seed }),
      });
    }
  }
  const prompt = passage(PROMPT_LENGTH, pack.vocabularySize);
  const task = { prompt: () => prompt, tokens: () => TOKENS, temperature: 0.8, topP: 1 };
  contestants.push(...llamaContestants(llamas, places, { ...task, lookahead: null }));
  const samples = await inTurns(contestants, 1, REPEATS, progress);
  for (const pair of pairs) await pair.close();
  return {
    targetLayers: pack.target.layers,
    vocabularySize: pack.vocabularySize,
    groupSize: GROUP_SIZE,
    tokens: TOKENS,
    floor,
    rows: rowsOf(samples, places, floor, 50),
    passes,
  };
}
