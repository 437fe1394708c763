import { noCounts } from '../../main/decoding/counters';
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

/** What a run came to that decoded nothing. */
export const NOTHING: SpeakResult = {
  cancelled: false,
  counters: noCounts(),
  frames: 0,
  wallMs: 0,
  firstSoundMs: null,
  plainTokensPerSecond: null,
  targetMs: 0,
  draftMs: 0,
  codecMs: 0,
};

/** Called behind every turn. */
export type Progress = (done: number, of: number) => void;

/**
 * Has all contestants decode every sentence under seeds 1 … `seeds`, one after another. At every sentence
 * another place begins, and at each place another contestant, and they follow each other in another order: so
 * what the machine does besides meets all alike, and none always comes behind the same other one. Two kinds of
 * runs do not count: one of every contestant at the very beginning, and one whenever another place with
 * several contestants has its turn, for a GPU that rested is slow at first.
 */
export async function inTurns(
  contestants: readonly Contestant[],
  sentences: number,
  seeds: number,
  progress: Progress = () => {},
): Promise<PlacedSample[]> {
  const samples: PlacedSample[] = [];
  const places = [...new Set(contestants.map(({ place }) => place))];
  const all = (1 + sentences * seeds) * contestants.length;
  let done = 0;
  for (const { decode } of contestants) {
    await decode(0, 0);
    progress(++done, all);
  }
  for (let seed = 1; seed <= seeds; seed++) {
    for (let sentence = 0; sentence < sentences; sentence++) {
      const round = (seed - 1) * sentences + sentence;
      for (const place of inOrder(places, round)) {
        const order = inOrder(
          contestants.filter((one) => one.place === place),
          round,
        );
        if (order.length > 1) await order[order.length - 1].decode(sentence, seed);
        for (const { method, decode } of order) {
          samples.push({ place, method, sentence, seed, result: await decode(sentence, seed) });
          progress(++done, all);
        }
      }
    }
  }
  return samples;
}

/** All of a list, in an order for each round: it begins elsewhere and goes round in other strides. */
function inOrder<T>(list: readonly T[], round: number): T[] {
  const count = list.length;
  const strides = Array.from({ length: count }, (_, i) => i + 1).filter(
    (stride) => divisor(stride, count) === 1,
  );
  const first = round * goldenStride(strides, count);
  const stride = strides[round % strides.length];
  return list.map((_, turn) => list[(first + turn * stride) % count]);
}

/** The one near the golden section of the circle: rounds begin far apart, and everywhere before anywhere twice. */
function goldenStride(strides: readonly number[], count: number): number {
  const distance = (stride: number) => Math.abs(stride - 0.618 * count);
  return strides.reduce((best, stride) => (distance(stride) < distance(best) ? stride : best));
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
