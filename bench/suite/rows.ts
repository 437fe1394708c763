import { type MethodSummary, type Spread, spread, summarise } from '../summary';
import { type Floor, floorMsPerToken } from './floor';
import type { Place } from './places';
import type { PlacedSample } from './turns';

/** What a way of decoding came to at a place. */
export type Row = MethodSummary & {
  place: string;
  /** Whether its sound was made too; without it only decoding can be compared. */
  vocoded: boolean;
  /** Without the codec's time. */
  decodedPerSecond: Spread;
  /** Of the speed at which reading the weights is all that takes time; null on a GPU. */
  ofFloor: number | null;
};

/** One row for each way at each place, in the order in which they took their turns. */
export function rowsOf(
  samples: readonly PlacedSample[],
  places: readonly Place[],
  floor: Floor,
  frameRate: number,
): Row[] {
  return places.flatMap(({ name, gpu, threads }) => {
    const here = samples.filter(({ place }) => place === name);
    const methods = [...new Set(here.map(({ method }) => method))];
    const bandwidth = gpu ? undefined : floor.bandwidths.find((one) => one.threads === threads);
    return methods.map((method) => {
      const own = here.filter((sample) => sample.method === method);
      const ofFloor = bandwidth ? shareOfFloor(own, floor, bandwidth.bytesPerSecond) : null;
      const vocoded = own.some(({ result }) => result.codecMs > 0);
      const decodedPerSecond = spread(own.map((sample) => 1000 / decodingMsPerToken(sample)));
      const summary = summarise(method, here, frameRate);
      return { place: name, ...summary, vocoded, decodedPerSecond, ofFloor };
    });
  });
}

function shareOfFloor(samples: PlacedSample[], floor: Floor, bytesPerSecond: number): number {
  const shares = samples.map(
    (sample) =>
      floorMsPerToken(floor, bytesPerSecond, sample.result.counters) / decodingMsPerToken(sample),
  );
  return spread(shares).median;
}

const decodingMsPerToken = ({ result: { wallMs, codecMs, counters } }: PlacedSample) =>
  (wallMs - codecMs) / counters.committed;
