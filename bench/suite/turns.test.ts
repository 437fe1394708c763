import { describe, expect, it } from 'vitest';
import { inTurns, NOTHING } from './turns';

describe('turns', () => {
  it('give every contestant every sentence under every seed, and one run before that', async () => {
    const order: string[] = [];
    const contestants = ['a', 'b', 'c'].map((method) => ({
      place: 'here',
      method,
      decode: async (sentence: number, seed: number) => {
        order.push(`${method}${sentence}${seed}`);
        return NOTHING;
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
        // One more run at each sentence, the first, does not count where there are several.
        const runs = count > 1 ? count + 1 : 1;
        if (seed > 0 && turn++ % runs === runs - count) first.push(`${i}`);
        return NOTHING;
      },
    }));
    await inTurns(contestants, count, 1);
    expect(new Set(first).size).toBe(count);
  });

  it('follow each other in various orders, place by place, behind a run that does not count', async () => {
    const runs: string[] = [];
    const contestants = ['cpu', 'gpu'].flatMap((place) =>
      ['a', 'b', 'c', 'd', 'e'].map((method) => ({
        place,
        method,
        decode: async (_: number, seed: number) => {
          if (seed > 0) runs.push(`${place} ${method}`);
          return NOTHING;
        },
      })),
    );
    const samples = await inTurns(contestants, 4, 1);
    const counted = samples.map(({ place, method }) => `${place} ${method}`);
    expect(runs).toHaveLength(8 * 6);
    expect(counted).toHaveLength(8 * 5);
    for (let block = 0; block < 8; block++) {
      const own = runs.slice(block * 6, block * 6 + 6);
      expect(new Set(own.map((run) => run.slice(0, 3))).size).toBe(1);
      expect(own.slice(1)).toEqual(counted.slice(block * 5, block * 5 + 5));
    }
    expect(new Set([0, 12, 24, 36].map((at) => runs[at].slice(0, 3))).size).toBe(2);
    const before = runs.filter((_, i) => runs[i + 1] === 'gpu a');
    expect(new Set(before).size).toBeGreaterThan(2);
  });
});
