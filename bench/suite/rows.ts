import { type MethodSummary, spread, summarise } from '../summary';
import { type Floor, floorMsPerToken } from './floor';
import type { Place } from './places';
import type { PlacedSample } from './turns';

/** What a way of decoding came to at a place. */
export type Row = MethodSummary & {
  place: string;
  /** Of the speed at which reading the weights is all that takes time; null off the CPU. */
  ofFloor: number | null;
};

/** One row for each way at each place, in the order in which they took their turns. */
export function rowsOf(
  samples: readonly PlacedSample[],
  places: readonly Place[],
  floor: Floor,
  frameRate: number,
): Row[] {
  return places.flatMap(({ name, device, threads }) => {
    const here = samples.filter(({ place }) => place === name);
    const methods = [...new Set(here.map(({ method }) => method))];
    const bandwidth = floor.bandwidths.find((one) => one.threads === threads);
    return methods.map((method) => {
      const own = here.filter((sample) => sample.method === method);
      const ofFloor =
        device === 'cpu' && bandwidth ? shareOfFloor(own, floor, bandwidth.bytesPerSecond) : null;
      return { place: name, ...summarise(method, here, frameRate), ofFloor };
    });
  });
}

function shareOfFloor(samples: PlacedSample[], floor: Floor, bytesPerSecond: number): number {
  const shares = samples.map(({ result: { wallMs, codecMs, counters } }) => {
    const measured = (wallMs - codecMs) / counters.committed;
    return floorMsPerToken(floor, bytesPerSecond, counters) / measured;
  });
  return spread(shares).median;
}
