import { describe, expect, it } from 'vitest';
import { meanScore, proportion } from './statistics';

describe('the exact binomial test', () => {
  // Significance of the sign test at two-sided .05 as printed tables have it.
  it.each([
    [13, 16, 0.0213],
    [12, 16, 0.0768],
    [15, 20, 0.0414],
    [14, 20, 0.1153],
    [9, 10, 0.0215],
    [8, 10, 0.1094],
    [5, 5, 0.0625],
    [6, 6, 0.03125],
    [8, 16, 1],
  ])('%i of %i has p = %f', (successes, trials, p) => {
    expect(proportion('B', successes, trials).p).toBeCloseTo(p, 4);
    expect(proportion('B', trials - successes, trials).p).toBeCloseTo(p, 4);
  });

  // Clopper and Pearson (Biometrika 26, 1934), as R's binom.test prints it.
  it.each([
    [13, 16, 0.5435, 0.9595],
    [15, 20, 0.509, 0.9134],
    [682, 925, 0.7076683, 0.7654066],
    [0, 10, 0, 0.3085],
    [10, 10, 0.6915, 1],
  ])('%i of %i lies between %f and %f', (successes, trials, low, high) => {
    const found = proportion('B', successes, trials);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  it('does not test nothing', () => {
    expect(() => proportion('B', 0, 0)).toThrow(RangeError);
  });
});

describe('a mean score', () => {
  // Student's own example (Biometrika 6, 1908): extra sleep by two drugs.
  it.each([
    [[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2], 0.75, -0.5297804, 2.0297804],
    [[1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4], 1.58, 0.7001142, 2.4598858],
  ])('of %j is %f, between %f and %f', (scores, mean, low, high) => {
    const found = meanScore('sleep', scores);
    expect(found.mean).toBeCloseTo(mean, 10);
    expect(found.low).toBeCloseTo(low, 6);
    expect(found.high).toBeCloseTo(high, 6);
  });

  it('of scores all alike has no interval', () => {
    expect(meanScore('B', [2, 2, 2])).toEqual({
      of: 'B',
      mean: 2,
      low: null,
      high: null,
      answers: 3,
    });
  });
});
