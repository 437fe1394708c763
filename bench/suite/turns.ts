import type { SpeakResult } from '../../main/inference/messages';
import type { Sample } from '../summary';

/** A way of decoding, on a device, that takes its turns among others. */
export type Contestant = {
  /** Where it runs: ratios are taken to `plain` of the same place. */
  place: string;
  /** Unique in its place. */
  method: string;
  decode(sentence: number, seed: number): Promise<SpeakResult>;
};

export type PlacedSample = Sample & { place: string };

/** Called behind every turn. */
export type Progress = (done: number, of: number) => void;

/**
 * Has all contestants decode every sentence under seeds 1 … `seeds`, one after another. Each begins
 * elsewhere in the order of every sentence, so that what the machine does besides meets all alike.
 * All decode once before, and that does not count.
 */
export async function inTurns(
  contestants: readonly Contestant[],
  sentences: number,
  seeds: number,
  progress: Progress = () => {},
): Promise<PlacedSample[]> {
  const samples: PlacedSample[] = [];
  const count = contestants.length;
  const stride = strideOf(count);
  const all = (1 + sentences * seeds) * count;
  let done = 0;
  for (const { decode } of contestants) {
    await decode(0, 0);
    progress(++done, all);
  }
  for (let seed = 1; seed <= seeds; seed++) {
    for (let sentence = 0; sentence < sentences; sentence++) {
      const first = ((seed - 1) * sentences + sentence) * stride;
      for (let turn = 0; turn < count; turn++) {
        const { place, method, decode } = contestants[(first + turn) % count];
        samples.push({ place, method, sentence, seed, result: await decode(sentence, seed) });
        progress(++done, all);
      }
    }
  }
  return samples;
}

/** A step, near the golden section of the circle, that meets all of `count` before any twice. */
function strideOf(count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(1, Math.round(0.618 * count));
  while (divisor(count, stride) > 1) stride--;
  return stride;
}
