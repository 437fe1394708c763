import { Engine } from '../../main/inference/engine';
import type { CodecLink } from '../../main/inference/remote-codec';
import type { Pack } from '../../main/packs/pack';
import { speakRequest } from '../../main/speak-request';
import { SENTENCES } from '../sentences';
import type { Place } from './places';
import type { Contestant } from './turns';
import { waysFor } from './ways';

export type PackSettings = { voice: string; theta: number };

/** Every way of decoding with a pack at a place, codec and all; `codec` is the way to one in a process of its own. */
export async function packContestants(
  pack: Pack,
  place: Place,
  chosen: PackSettings,
  codec: CodecLink | undefined,
): Promise<{ contestants: Contestant[]; engine: Engine }> {
  const { defaults } = pack.summary;
  const settings = { ...defaults, ...chosen, topK: 0, repetitionPenalty: 1 };
  const engine = await Engine.load(
    { ...pack.engine, gpu: place.gpu },
    place.device,
    codec,
    place.threads,
  );
  const contestants = waysFor(defaults.lookahead).map(({ name, method, lookahead }) => ({
    place: place.name,
    method: name,
    decode: (sentence: number, seed: number) => {
      const all = { ...settings, method, lookahead, seed };
      return engine.speak(speakRequest(pack, SENTENCES[sentence], all), () => undefined);
    },
  }));
  return { contestants, engine };
}
