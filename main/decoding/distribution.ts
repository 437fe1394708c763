/** Probabilities of the next token, [vocabulary]; they sum to 1 up to rounding. */
export type Distribution = Float32Array | Float64Array;

/** The token at which the cumulative sum of d passes u, 0 ≤ u < 1; never one of probability 0. */
export function drawFrom(d: Distribution, u: number): number {
  let sum = 0;
  let last = 0;
  for (let t = 0; t < d.length; t++) {
    if (d[t] === 0) continue;
    sum += d[t];
    last = t;
    if (u < sum) return t;
  }
  // Rounding left the sum a hair under 1 and u fell into the gap.
  return last;
}

/** The token of the largest probability; the lowest id wins a tie. */
export function argmax(d: Distribution): number {
  let best = 0;
  for (let t = 1; t < d.length; t++) if (d[t] > d[best]) best = t;
  return best;
}
