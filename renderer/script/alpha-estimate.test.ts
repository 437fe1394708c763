import { describe, expect, it } from 'vitest';
import type { Round } from '../../contract/rounds';
import { alphaAt, alphaEstimate } from './alpha-estimate';

const judged = (count: number): Round['judged'] =>
  Array.from({ length: count }, () => ({
    token: 1,
    accepted: true,
    byToken: true,
    byGroup: true,
    ratio: 1,
    massRatio: 1,
    group: 1,
    groupSize: 1,
  }));
const round = (count: number, expectedKept?: number[]): Round => ({
  piece: 0,
  frame: 0,
  judged: judged(count),
  ignored: [],
  drawn: { token: 2, kind: 'bonus' },
  ended: false,
  expectedKept,
});

describe('alphaEstimate', () => {
  const estimate = alphaEstimate(
    [
      round(1, [1, 1, 1, 1, 0.8, 0.8, 0.8, 0.5, 0.5]),
      round(3, [3, 2, 2, 2, 2, 2, 2, 1.5, 0.5]),
      round(0),
    ],
    0.2,
  )!;

  it('is what can be expected to be kept ÷ judged, at thresholds from the floor to 1', () => {
    expect(estimate.thetas[0]).toBe(0.2);
    expect(estimate.thetas[8]).toBe(1);
    expect(estimate.alphas[0]).toBe(1);
    expect(estimate.alphas[8]).toBeCloseTo(0.25, 9);
  });

  it('runs evenly between them', () => {
    expect(alphaAt(estimate, 0.95)).toBeCloseTo(0.375, 9);
    expect(alphaAt(estimate, 0.2)).toBe(1);
    expect(alphaAt(estimate, 1)).toBeCloseTo(0.25, 9);
  });

  it('is not made of rounds that say nothing', () => {
    expect(alphaEstimate([round(2), round(0)], 0.2)).toBeNull();
  });
});
