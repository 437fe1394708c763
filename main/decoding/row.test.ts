import { describe, expect, it } from 'vitest';
import { seededUniform } from './random';
import { softmaxOfRow, tokensOver } from './row';

describe('softmaxOfRow', () => {
  it.each([0.05, 0.8, 1, 2])(
    'is what Math.exp gives, rounded to 32 bits, at temperature %d',
    (temperature) => {
      const size = 5003;
      const uniform = seededUniform(3);
      const logits = Float32Array.from({ length: 3 * size }, () => 60 * uniform() - 40);
      const out = softmaxOfRow(logits, size, size, temperature);
      const row = logits.subarray(size, 2 * size);
      const largest = row.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
      const weights = Float32Array.from(row, (logit) => Math.exp((logit - largest) / temperature));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (let t = 0; t < size; t++) {
        const expected = weights[t] / sum;
        // A step of 32 bits, or of what is left of them near nothing.
        expect(Math.abs(out[t] - expected)).toBeLessThanOrEqual(expected * 2.5e-7 + 3e-45);
      }
    },
  );

  it('gives nothing to logits that are far below, or masked', () => {
    const logits = Float32Array.of(2, Number.NEGATIVE_INFINITY, -200, -1e30, 2);
    expect([...softmaxOfRow(logits, 0, 5, 1)]).toEqual([0.5, 0, 0, 0, 0.5]);
  });

  it.each([1, 7, 8, 9, 70_001])('has room for rows of %d', (size) => {
    const p = softmaxOfRow(new Float32Array(size), 0, size, 1);
    expect(p).toHaveLength(size);
    for (const one of p) expect(one).toBeCloseTo(1 / size, 7);
  });
});

describe('tokensOver', () => {
  it.each([0, 0.25, 0.5, 1])('finds what a loop finds over %d', (bound) => {
    const uniform = seededUniform(5);
    const p = Float32Array.from({ length: 1001 }, () => Math.round(8 * uniform()) / 8);
    const out = new Uint32Array(p.length);
    const found = out.subarray(0, tokensOver(p, bound, out));
    expect([...found]).toEqual([...p.keys()].filter((t) => p[t] > bound));
  });

  it('reads a row that was computed where it is', () => {
    const out = new Uint32Array(4);
    const p = softmaxOfRow(Float32Array.of(0, 5, 0, 5), 0, 4, 1);
    expect(tokensOver(p, 0.1, out)).toBe(2);
    expect([...out.subarray(0, 2)]).toEqual([1, 3]);
    // Another row in the same place.
    expect(tokensOver(Float32Array.of(1, 0, 0, 0), 0.1, out)).toBe(1);
    expect(out[0]).toBe(0);
  });
});
