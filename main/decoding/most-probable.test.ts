import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MostProbable } from './most-probable';

const probabilities = fc.array(
  fc.oneof(
    fc.constantFrom(0, 1, 0.25, 1e-30),
    fc.float({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true }),
  ),
  { minLength: 1, maxLength: 60 },
);

const sortedIds = (p: Float32Array) => Array.from(p.keys()).sort((a, b) => p[b] - p[a] || a - b);

it('takes the tokens as sorting would, as many as were asked for', () => {
  fc.assert(
    fc.property(probabilities, fc.nat(60), (values, count) => {
      const p = Float32Array.from(values);
      const expected = sortedIds(p).filter((t) => p[t] > 0);
      const tokens = new MostProbable(p.length);
      tokens.begin(p, count);
      const wanted = Math.min(count, expected.length);
      expect(tokens.left).toBeGreaterThanOrEqual(wanted);
      const taken = Array.from({ length: tokens.left }, () => tokens.take());
      expect(taken).toEqual(expected.slice(0, taken.length));
    }),
  );
});

it('keeps the fewest tokens that hold a mass', () => {
  fc.assert(
    fc.property(probabilities, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const total = values.reduce((sum, value) => sum + value, 0) || 1;
      const p = Float32Array.from(values, (value) => value / total);
      const bound = 1e-4;
      const likely = sortedIds(p).filter((t) => p[t] > bound);
      const truncated = p.slice();
      new MostProbable(p.length).keep(truncated, bound, share);
      const kept = likely.filter((t) => truncated[t] > 0);
      expect(kept).toEqual(likely.slice(0, kept.length));
      const sum = (tokens: number[]) => tokens.reduce((total, t) => total + p[t], 0);
      const mass = sum(kept);
      for (const t of p.keys()) {
        expect(truncated[t]).toBeCloseTo(kept.includes(t) ? p[t] / mass : 0, 6);
      }
      expect(kept.length === likely.length || mass > share - 1e-9).toBe(true);
      // Sums in another order differ in their last digits.
      expect(kept.length <= 1 || sum(kept.slice(0, -1)) < share + 1e-9).toBe(true);
      expect(kept.length > 0 || likely.length === 0).toBe(true);
    }),
  );
});

it('can be begun again, with another distribution', () => {
  const tokens = new MostProbable(3);
  tokens.begin(Float32Array.of(0.2, 0.3, 0.5), 3);
  expect(tokens.take()).toBe(2);
  tokens.begin(Float32Array.of(0.6, 0.4, 0), 3);
  expect([tokens.take(), tokens.take(), tokens.left]).toEqual([0, 1, 0]);
});
