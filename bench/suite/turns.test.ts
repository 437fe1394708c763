import { describe, expect, it } from 'vitest';
import { noCounts } from '../../main/decoding/counters';
import { inTurns } from './turns';

const nothing = {
  cancelled: false,
  counters: noCounts(),
  frames: 0,
  wallMs: 1,
  firstSoundMs: null,
  plainTokensPerSecond: null,
  targetMs: 0,
  draftMs: 0,
  codecMs: 0,
};

describe('turns', () => {
  it('give every contestant every sentence under every seed, and one run before that', async () => {
    const order: string[] = [];
    const contestants = ['a', 'b', 'c'].map((method) => ({
      place: 'here',
      method,
      decode: async (sentence: number, seed: number) => {
        order.push(`${method}${sentence}${seed}`);
        return nothing;
      },
    }));
    const told: [number, number][] = [];
    const samples = await inTurns(contestants, 2, 2, (done, of) => told.push([done, of]));
    expect(order.slice(0, 3)).toEqual(['a00', 'b00', 'c00']);
    expect(samples).toHaveLength(12);
    expect(new Set(samples.map((one) => `${one.method}${one.sentence}${one.seed}`)).size).toBe(12);
    expect(told[told.length - 1]).toEqual([15, 15]);
  });

  it.each([1, 5, 12, 24])('begin with another of %i at every sentence', async (count) => {
    const first: string[] = [];
    let turn = 0;
    const contestants = Array.from({ length: count }, (_, i) => ({
      place: 'here',
      method: `${i}`,
      decode: async (_: number, seed: number) => {
        if (seed > 0 && turn++ % count === 0) first.push(`${i}`);
        return nothing;
      },
    }));
    await inTurns(contestants, count, 1);
    expect(new Set(first).size).toBe(count);
  });
});
