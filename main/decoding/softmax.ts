/** e^x is looked up at steps of ln 2 ÷ 2048 and followed from there on a straight line. */
const STEPS = 2048;
/** 2^(−i ÷ 2048) */
const FRACTIONS = Float64Array.from({ length: STEPS }, (_, i) => 2 ** (-i / STEPS));
/** 2^−i; e^−104 needs 151 of them. */
const POWERS = Float64Array.from({ length: 256 }, (_, i) => 2 ** -i);

/**
 * e^((logit − largest) ÷ temperature) of one row of logits under a temperature over 0, into `out`,
 * [vocabulary]; returns their sum. The row begins at `offset` of `logits`. Weights are within 2·10⁻⁸ of e^x
 * before they are rounded to 32 bits, in half the time that Math.exp takes: the loop calls nothing, and no
 * look-up needs a check of its bounds.
 */
export function weigh(
  logits: Float32Array,
  offset: number,
  temperature: number,
  out: Float32Array,
): number {
  const size = out.length;
  let largest = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < size; t++) {
    const logit = logits[offset + t];
    if (logit > largest) largest = logit;
  }
  const scale = 1 / temperature;
  const fractions = FRACTIONS;
  const powers = POWERS;
  const stepsPerUnit = STEPS * Math.LOG2E;
  const step = Math.LN2 / STEPS;
  let sum = 0;
  for (let t = 0; t < size; t++) {
    const scaled = (logits[offset + t] - largest) * scale;
    // e^−104 is nothing in 32 bits, and adds nothing to a sum of 1 or more.
    const x = scaled < -104 ? -104 : scaled;
    const steps = (0.5 - stepsPerUnit * x) | 0;
    const fraction = fractions[steps & 2047];
    const weight = (fraction + fraction * (x + steps * step)) * powers[(steps >> 11) & 255];
    out[t] = weight;
    sum += weight;
  }
  return sum;
}

/** Probabilities of one row of logits under a temperature over 0, as `weigh` takes them. */
export function softmax(
  logits: Float32Array,
  offset: number,
  temperature: number,
  out: Float32Array,
): void {
  const inverse = 1 / weigh(logits, offset, temperature, out);
  for (let t = 0; t < out.length; t++) out[t] *= inverse;
}
