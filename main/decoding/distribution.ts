/** Probabilities of the next token, [vocabulary]; they sum to 1 up to rounding. */
export type Distribution = Float32Array | Float64Array;

/** The token at which the cumulative sum of d passes u, 0 ≤ u < 1; never one of probability 0. */
export function drawFrom(d: Distribution, u: number): number {
  let sum = 0;
  let t = 0;
  // Four sums at once pass over what lies before it: one would wait for itself at every token.
  for (; t + STRETCH <= d.length; t += STRETCH) {
    const after = sum + massOfStretch(d, t);
    if (u < after) break;
    sum = after;
  }
  for (; t < d.length; t++) {
    sum += d[t];
    if (u < sum) return t;
  }
  return lastPossible(d);
}

/** Tokens of a stretch, a multiple of four. */
const STRETCH = 64;

function massOfStretch(d: Distribution, start: number): number {
  let [a, b, c, e] = [0, 0, 0, 0];
  for (let t = start; t < start + STRETCH; t += 4) {
    a += d[t];
    b += d[t + 1];
    c += d[t + 2];
    e += d[t + 3];
  }
  return a + b + (c + e);
}

/** Draws repeatedly from one distribution, as `drawFrom` does; holds its cumulative sums. */
export class Draws {
  private readonly sums: Float64Array;
  private d: Distribution = new Float32Array(0);

  constructor(vocabularySize: number) {
    this.sums = new Float64Array(vocabularySize);
  }

  begin(d: Distribution): void {
    this.d = d;
    let sum = 0;
    for (let t = 0; t < d.length; t++) {
      sum += d[t];
      this.sums[t] = sum;
    }
  }

  draw(u: number): number {
    const { sums } = this;
    let low = 0;
    let high = this.d.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (u < sums[middle]) high = middle;
      else low = middle + 1;
    }
    return low < this.d.length ? low : lastPossible(this.d);
  }
}

/** For when rounding left the sum a hair under 1 and u fell into the gap. */
function lastPossible(d: Distribution): number {
  let t = d.length - 1;
  while (t > 0 && d[t] === 0) t--;
  return t;
}

/** The token of the largest probability; the lowest id wins a tie. */
export function argmax(d: Distribution): number {
  let best = 0;
  for (let t = 1; t < d.length; t++) if (d[t] > d[best]) best = t;
  return best;
}
