import { DIMENSIONS } from './cepstra';

/** A phone's parts in time: its beginning, middle and end sound different. */
export const STATES = 3;
export const SILENCE = 'SIL';

/** By ARPAbet phone without stress, or `SILENCE`: for each state, [mean …, deviation …] of the cepstra. */
export type PhoneModels = Record<string, number[][]>;

/** Frames of each phone: [from, to) of a matrix of cepstra. */
export type LabelledFrames = { phone: string; features: Float32Array; from: number; to: number };

/** No state is surer than this of a cepstrum: speech differs from what it was learnt from. */
const SMALLEST_DEVIATION = 0.05;

/** Mean and deviation of what was labelled; a phone's frames are shared out evenly over its states. */
export function learnPhoneModels(examples: Iterable<LabelledFrames>): PhoneModels {
  type Sums = { count: number; first: Float64Array; second: Float64Array };
  const sums = new Map<string, Sums[]>();
  for (const { phone, features, from, to } of examples) {
    let states = sums.get(phone);
    if (!states) {
      states = Array.from({ length: STATES }, () => ({
        count: 0,
        first: new Float64Array(DIMENSIONS),
        second: new Float64Array(DIMENSIONS),
      }));
      sums.set(phone, states);
    }
    for (let frame = from; frame < to; frame++) {
      const state = states[Math.floor(((frame - from) * STATES) / (to - from))];
      state.count++;
      for (let d = 0; d < DIMENSIONS; d++) {
        const value = features[frame * DIMENSIONS + d];
        state.first[d] += value;
        state.second[d] += value * value;
      }
    }
  }
  const round = (value: number) => Number(value.toPrecision(3));
  const modelOf = ({ count, first, second }: Sums) => {
    const means = Array.from(first, (sum) => sum / count);
    const deviations = Array.from(second, (sum, d) =>
      Math.max(SMALLEST_DEVIATION, Math.sqrt(Math.max(0, sum / count - means[d] ** 2))),
    );
    return [...means, ...deviations].map(round);
  };
  return Object.fromEntries(
    [...sums].sort().map(([phone, states]) => [phone, states.map(modelOf)] as const),
  );
}

/** Logarithms of how likely each frame is in one state: [frames]. */
export function likelihoods(features: Float32Array, state: readonly number[]): Float32Array {
  const frames = features.length / DIMENSIONS;
  const result = new Float32Array(frames);
  let constant = 0;
  for (let d = 0; d < DIMENSIONS; d++) constant -= Math.log(state[DIMENSIONS + d]);
  for (let frame = 0; frame < frames; frame++) {
    let sum = constant;
    for (let d = 0; d < DIMENSIONS; d++) {
      const off = (features[frame * DIMENSIONS + d] - state[d]) / state[DIMENSIONS + d];
      sum -= 0.5 * off * off;
    }
    result[frame] = sum;
  }
  return result;
}
