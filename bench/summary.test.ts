import { describe, expect, it } from 'vitest';
import { noCounts } from '../main/decoding/counters';
import { type Sample, spread, summarise } from './summary';

const sample = (
  method: Sample['method'],
  sentence: number,
  wallMs: number,
  committed: number,
): Sample => ({
  method,
  sentence,
  seed: 1,
  result: {
    cancelled: false,
    counters: { ...noCounts(), committed, targetCalls: committed / 2, accepted: 6, rejected: 2 },
    frames: 50,
    wallMs,
    firstSoundMs: 100,
    plainTokensPerSecond: null,
    targetMs: wallMs * 0.5,
    draftMs: wallMs * 0.2,
    codecMs: wallMs * 0.2,
  },
});

describe('a bench summary', () => {
  it('takes ratios pair by pair, and their median', () => {
    const samples = [
      sample('plain', 0, 1000, 100),
      sample('pcg', 0, 500, 100),
      sample('plain', 1, 3000, 100),
      sample('pcg', 1, 1000, 100),
      sample('plain', 2, 1000, 100),
      sample('pcg', 2, 2000, 100),
    ];
    const summary = summarise('pcg', samples, 50);
    expect(summary.speedUp).toEqual({ median: 2, least: 0.5, most: 3 });
    expect(summary.acceptanceRate).toBe(0.75);
    expect(summary.blockEfficiency).toBe(2);
    expect(summary.share.script).toBeCloseTo(0.1);
    expect(summary.realTimeFactor.median).toBe(1);
  });

  it('compares time a token, not time a take', () => {
    const samples = [sample('plain', 0, 1000, 100), sample('exact', 0, 1000, 200)];
    expect(summarise('exact', samples, 50).speedUp.median).toBe(2);
  });

  it('the median of an even number lies between', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
  });
});
