import { expect, it } from 'vitest';
import { seededUniform } from './random';
import { softmax } from './softmax';

it.each([0.05, 0.8, 1, 2])(
  'is what Math.exp gives, rounded to 32 bits, at temperature %d',
  (temperature) => {
    const uniform = seededUniform(3);
    const logits = Float32Array.from({ length: 3 * 5000 }, () => 60 * uniform() - 40);
    const out = new Float32Array(5000);
    softmax(logits, 5000, temperature, out);
    const row = logits.subarray(5000, 10_000);
    const largest = row.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    const weights = Float32Array.from(row, (logit) => Math.exp((logit - largest) / temperature));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (let t = 0; t < row.length; t++) {
      const expected = weights[t] / sum;
      // A step of 32 bits, or of what is left of them near nothing.
      expect(Math.abs(out[t] - expected)).toBeLessThanOrEqual(expected * 2.5e-7 + 3e-45);
    }
  },
);

it('gives nothing to logits that are far below, or masked', () => {
  const logits = Float32Array.of(2, Number.NEGATIVE_INFINITY, -200, -1e30, 2);
  const out = new Float32Array(5);
  softmax(logits, 0, 1, out);
  expect([...out]).toEqual([0.5, 0, 0, 0, 0.5]);
});
