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

it('finds the fewest tokens that hold a mass', () => {
  fc.assert(
    fc.property(probabilities, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const total = values.reduce((sum, value) => sum + value, 0) || 1;
      const p = Float32Array.from(values, (value) => value / total);
      const bound = 1e-4;
      const out = new Uint32Array(p.length);
      const count = new MostProbable(p.length).nucleus(p, bound, share, out);
      const all = sortedIds(p).filter((t) => p[t] > bound);
      const kept = all.slice(0, count);
      expect(Array.from(out.subarray(0, count)).sort((a, b) => a - b)).toEqual(
        kept.toSorted((a, b) => a - b),
      );
      // Exact in any order: over the bound 64 bits hold all sums of 32-bit numbers.
      const mass = (tokens: number[]) => tokens.reduce((sum, t) => sum + p[t], 0);
      expect(count === all.length || mass(kept) >= share).toBe(true);
      expect(count <= 1 || mass(kept.slice(0, -1)) < share).toBe(true);
      expect(count > 0 || all.length === 0).toBe(true);
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
