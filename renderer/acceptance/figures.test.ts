import { describe, expect, it } from 'vitest';
import type { Counters } from '../../contract/counters';
import type { Round } from '../../contract/rounds';
import type { Take } from '../../contract/take';
import { createFakeBridge, exampleSettings, readyEngine } from '../testing/fake-bridge';
import { acceptanceOverTime, acceptedLengths, figuresOf, lookaheadsOf, speedUpOf } from './figures';

const counters: Counters = {
  rounds: 40,
  drafted: 120,
  accepted: 78,
  rejected: 22,
  ignored: 20,
  recovered: 22,
  bonus: 18,
  committed: 118,
  targetCalls: 40,
  draftCalls: 120,
};

const round = (frame: number, kept: number, rejected: number, ignored = 0): Round => ({
  piece: 0,
  frame,
  judged: Array.from({ length: kept + rejected }, (_, index) => ({
    token: index,
    accepted: index < kept,
    byToken: index < kept,
    byGroup: index < kept,
    ratio: 1,
    massRatio: 1,
    group: 1,
    groupSize: 1,
  })),
  ignored: Array.from({ length: ignored }, () => 1),
  drawn: { token: 1, kind: rejected > 0 ? 'recovered' : 'bonus' },
  ended: false,
});

async function exampleTake(part: Partial<Take['settings']> = {}): Promise<Take> {
  const { bridge } = createFakeBridge({
    takes: [{ text: 'An example.', settings: { ...exampleSettings, ...part } }],
  });
  const reply = await bridge.listTakes(undefined);
  if (!reply.ok) throw new Error(reply.failure.message);
  return reply.value[0];
}

describe('figuresOf', () => {
  it('leaves ignored drafts out of α and counts tokens, not frames, in the speed', () => {
    const figures = figuresOf(counters, 2000, 117, 50);
    expect(figures.acceptanceRate).toBeCloseTo(0.78, 9);
    expect(figures.blockEfficiency).toBeCloseTo(2.95, 9);
    expect(figures.tokensPerSecond).toBe(59);
    expect(figures.realTimeFactor).toBeCloseTo(2 / 2.34, 9);
  });

  it('says nothing before the first round', () => {
    const none = Object.fromEntries(Object.keys(counters).map((key) => [key, 0])) as Counters;
    expect(figuresOf(none, 12, 0, 50)).toEqual({
      counters: none,
      acceptanceRate: null,
      blockEfficiency: null,
      tokensPerSecond: null,
      realTimeFactor: null,
    });
  });
});

describe('speedUpOf', () => {
  it('compares with plain decoding as it was measured here', async () => {
    const take = await exampleTake();
    expect(speedUpOf(take, 242, readyEngine)).toEqual({ known: true, times: 2 });
    expect(speedUpOf(await exampleTake({ method: 'plain' }), 100, readyEngine)).toEqual({
      known: true,
      times: 1,
    });
  });

  it('keeps what was timed with the take, whatever the engine is at now', async () => {
    const take = { ...(await exampleTake()), plainTokensPerSecond: 100 };
    expect(speedUpOf(take, 150, readyEngine)).toEqual({ known: true, times: 1.5 });
    expect(speedUpOf(take, 150, { status: 'loading', message: '' })).toEqual({
      known: true,
      times: 1.5,
    });
  });

  it('says why it is not known', async () => {
    if (readyEngine.status !== 'ready') throw new Error('the example engine must be ready');
    const take = await exampleTake();
    const why = (engine: typeof readyEngine, other = take) => {
      const speedUp = speedUpOf(other, 242, engine);
      return speedUp.known ? null : speedUp.why;
    };
    expect(why({ ...readyEngine, plainTokensPerSecond: null })).toMatch(/not measured/);
    expect(why({ status: 'loading', message: '' })).toMatch(/not running/);
    expect(why(readyEngine, { ...take, device: 'webgpu' })).toMatch(/another device/);
    expect(why(readyEngine, { ...take, pack: { ...take.pack, sha256: 'b' } })).toMatch(
      /another voice pack/,
    );
  });
});

describe('acceptedLengths', () => {
  it('counts rounds by the number of drafts they kept', () => {
    const rounds = [round(0, 3, 0), round(4, 0, 1, 2), round(5, 2, 1), round(8, 3, 0)];
    expect(acceptedLengths(rounds)).toEqual([1, 0, 1, 2]);
  });

  it('leaves out rounds without drafts', () => {
    expect(acceptedLengths([round(0, 0, 0)])).toEqual([0]);
  });
});

describe('lookaheadsOf', () => {
  it('tells the newest and the mean of the rounds that drafted', () => {
    expect(lookaheadsOf([round(0, 3, 0), round(4, 0, 1, 4), round(5, 0, 0)])).toEqual({
      newest: 5,
      mean: 4,
    });
    expect(lookaheadsOf([round(0, 0, 0)])).toBeNull();
  });
});

describe('acceptanceOverTime', () => {
  it('is the rate of the last rounds only', () => {
    const rounds = [
      ...Array.from({ length: 20 }, (_, i) => round(i * 4, 3, 0)),
      ...Array.from({ length: 20 }, (_, i) => round(80 + i, 0, 1, 2)),
    ];
    const [seconds, rates] = acceptanceOverTime(rounds, 50, 10);
    expect(rates[0]).toBe(1);
    expect(rates.at(-1)).toBe(0);
    expect(seconds.at(-1)).toBe(99 / 50);
    const atBoth = rates[seconds.indexOf(84 / 50)];
    // Five rounds of three kept, five of one rejected.
    expect(atBoth).toBeCloseTo(15 / 20, 9);
  });

  it('makes no point of plain rounds', () => {
    expect(acceptanceOverTime([round(0, 0, 0), round(1, 0, 0)], 50, 10)).toEqual([[], []]);
  });
});
