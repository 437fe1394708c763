import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptanceRule } from './acceptance';
import { SmallModelDrafter } from './drafter';
import { singletonGroups } from './groups';
import {
  AcceptanceEstimate,
  AdaptiveLookahead,
  bestLookahead,
  expectedSpeed,
  expectedTokens,
  LONGEST_LOOKAHEAD,
  type LookaheadPolicy,
  recordedLookahead,
  type StepCosts,
  steppedCosts,
  straightCosts,
} from './lookahead';
import { decode } from './loop';
import { Processor } from './processors';
import { seededUniform } from './random';
import { hashedLogits, TableModel } from './testing/table-model';

/** As on two CPU cores: a draft step of so many ms, and a pass that grows a little with S. */
const costsOf = (draftMs: number, passMs = 4, growth = 0.5, perPosition = 0): StepCosts => ({
  draft: Array.from({ length: LONGEST_LOOKAHEAD }, (_, i) => (i + 1) * draftMs),
  pass: Array.from({ length: LONGEST_LOOKAHEAD + 1 }, (_, i) => passMs + i * growth),
  perPosition,
});

const costs = fc
  .tuple(
    fc.double({ min: 0.05, max: 5, noNaN: true }),
    fc.double({ min: 0.5, max: 50, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([draft, pass, growth]) => ({ draft, pass, growth: growth * pass }));
const alpha = fc.double({ min: 0, max: 1, noNaN: true });

describe('the expected tokens of a round', () => {
  it('are (1 − α^(K+1)) ÷ (1 − α), and K + 1 at α = 1', () => {
    for (const a of [0, 0.3, 0.8, 0.99]) {
      for (let k = 1; k <= 8; k++) {
        expect(expectedTokens(a, k)).toBeCloseTo((1 - a ** (k + 1)) / (1 - a), 12);
      }
    }
    expect(expectedTokens(1, 8)).toBe(9);
  });
});

describe('the best lookahead', () => {
  it('is 0 where no draft is kept, and the longest where every draft is', () => {
    fc.assert(
      fc.property(costs, ({ draft, pass, growth }) => {
        expect(bestLookahead(costsOf(draft, pass, growth), 0)).toBe(0);
      }),
    );
    expect(bestLookahead(costsOf(0.9), 1)).toBe(LONGEST_LOOKAHEAD);
  });

  it('is at least as fast as any other', () => {
    fc.assert(
      fc.property(costs, alpha, ({ draft, pass, growth }, a) => {
        const c = costsOf(draft, pass, growth);
        const best = expectedSpeed(c, a, bestLookahead(c, a));
        for (let k = 0; k <= 8; k++) expect(best).toBeGreaterThanOrEqual(expectedSpeed(c, a, k));
      }),
    );
  });

  it('rises with the position where passes take longer there, and not without', () => {
    const growing = costsOf(0.9, 4, 0.5, 0.01);
    const along = [0, 200, 700, 1400].map((position) => bestLookahead(growing, 0.8, position));
    expect(along).toEqual(along.toSorted((a, b) => a - b));
    expect(along[3]).toBeGreaterThan(along[0]);
    expect(expectedSpeed(growing, 0.8, 3, 100)).toBeCloseTo(
      expectedSpeed(costsOf(0.9, 5), 0.8, 3),
      12,
    );
    expect(bestLookahead(costsOf(0.9), 0.8, 1400)).toBe(bestLookahead(costsOf(0.9), 0.8));
  });

  it('never falls as more drafts are kept, nor rises as drafting gets dearer', () => {
    fc.assert(
      fc.property(costs, alpha, alpha, ({ draft, pass, growth }, a, b) => {
        const c = costsOf(draft, pass, growth);
        expect(bestLookahead(c, Math.min(a, b))).toBeLessThanOrEqual(
          bestLookahead(c, Math.max(a, b)),
        );
        expect(bestLookahead(costsOf(draft * 1.5, pass, growth), a)).toBeLessThanOrEqual(
          bestLookahead(c, a),
        );
      }),
    );
  });
});

describe('the estimate of α', () => {
  it('begins with the prior and ends with what is observed', () => {
    const estimate = new AcceptanceEstimate(0.7);
    expect(estimate.alpha).toBeCloseTo(0.7, 12);
    for (let i = 0; i < 300; i++) estimate.observe({ accepted: 3, judged: 4 });
    expect(estimate.alpha).toBeCloseTo(0.75, 3);
    for (let i = 0; i < 300; i++) estimate.observe({ accepted: 0, judged: 1 });
    expect(estimate.alpha).toBeLessThan(0.02);
    estimate.observe({ accepted: 0, judged: 0 });
    expect(estimate.alpha).toBeGreaterThanOrEqual(0);
  });
});

/** Rounds of drafts of which each is kept with probability α. */
function choices(policy: LookaheadPolicy, a: number, rounds: number, seed = 1): number[] {
  const uniform = seededUniform(seed);
  return Array.from({ length: rounds }, () => {
    const lookahead = policy.next(0);
    let accepted = 0;
    while (accepted < lookahead && uniform() < a) accepted++;
    policy.observe({ accepted, judged: Math.min(lookahead, accepted + 1) });
    return lookahead;
  });
}

describe('adaptive lookahead', () => {
  it('settles at the longest where drafts are kept', () => {
    expect(choices(new AdaptiveLookahead(costsOf(0.9)), 1, 200).at(-1)).toBe(LONGEST_LOOKAHEAD);
  });

  it('comes near the best fixed lookahead, whatever α is', () => {
    for (const a of [0.1, 0.3, 0.6, 0.8, 0.9]) {
      const c = costsOf(0.9);
      const ks = choices(new AdaptiveLookahead(c), a, 600).slice(100);
      const tokens = ks.reduce((sum, k) => sum + expectedTokens(a, k), 0);
      const ms = ks.reduce((sum, k) => sum + (k === 0 ? 0 : c.draft[k - 1]) + c.pass[k], 0);
      expect(tokens / ms).toBeGreaterThan(0.97 * expectedSpeed(c, a, bestLookahead(c, a)));
    }
  });

  it('does not flutter between lookaheads that are as good as each other', () => {
    const ks = choices(new AdaptiveLookahead(costsOf(0.9)), 0.75, 1000);
    const changes = ks.filter((k, i) => i > 0 && k !== ks[i - 1]).length;
    const estimate = new AcceptanceEstimate();
    const eager = choices(
      {
        next: () => bestLookahead(costsOf(0.9), estimate.alpha),
        observe: (outcome) => estimate.observe(outcome),
      },
      0.75,
      1000,
    );
    const eagerChanges = eager.filter((k, i) => i > 0 && k !== eager[i - 1]).length;
    expect(changes).toBeLessThan(eagerChanges / 2);
  });

  it('stops drafting where no draft is kept, and tries again less and less often', () => {
    const ks = choices(new AdaptiveLookahead(costsOf(0.9)), 0, 400);
    const plain = ks
      .join('')
      .match(/0+/g)
      ?.map((run) => run.length);
    expect(plain?.slice(0, 3)).toEqual([16, 64, 256]);
    const trials = ks.slice(ks.indexOf(0)).filter((k) => k > 0);
    expect(trials).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('drafts again once drafts are kept', () => {
    const policy = new AdaptiveLookahead(costsOf(0.9));
    const refused = choices(policy, 0, 60);
    expect(refused.at(-1)).toBe(0);
    expect(choices(policy, 1, 400).at(-1)).toBeGreaterThan(1);
  });

  it('never tries again in a take where the draft is dear', () => {
    const ks = choices(new AdaptiveLookahead(costsOf(2)), 0, 1000);
    expect(new Set(ks.slice(ks.indexOf(0)))).toEqual(new Set([0]));
  });

  it('is a function of costs and outcomes alone', () => {
    const once = choices(new AdaptiveLookahead(costsOf(0.7)), 0.8, 300, 4);
    expect(choices(new AdaptiveLookahead(costsOf(0.7)), 0.8, 300, 4)).toEqual(once);
  });
});

describe('measured costs', () => {
  it('are put on the straight line nearest to them', () => {
    const exact = straightCosts(
      [
        [2, 4],
        [5, 5.5],
        [9, 7.5],
      ],
      9,
    );
    exact.forEach((ms, i) => {
      expect(ms).toBeCloseTo(3 + 0.5 * (i + 1), 12);
    });
    const [first, , last] = straightCosts(
      [
        [1, 1],
        [2, 4],
        [3, 4],
      ],
      3,
    );
    expect(first).toBeCloseTo(1.5, 12);
    expect(last).toBeCloseTo(4.5, 12);
  });

  it('neither fall nor come to nothing, however they were measured', () => {
    const falling = straightCosts(
      [
        [1, 3],
        [4, 2],
      ],
      8,
    );
    expect(new Set(falling)).toEqual(new Set([2.5]));
    const steep = straightCosts(
      [
        [2, 1],
        [5, 8],
      ],
      9,
    );
    steep.forEach((ms, i) => {
      expect(ms).toBeCloseTo((steep[0] as number) * (i + 1), 12);
      expect(ms).toBeGreaterThan(0);
    });
  });
});

describe('measured costs that rise in steps', () => {
  it('keep their steps, and pool what falls', () => {
    const measured = [7, 6, 14, 13, 15].map((ms, i): [number, number] => [i + 2, ms]);
    expect(steppedCosts(measured, 7)).toEqual([6.5, 6.5, 6.5, 13.5, 13.5, 15, 15]);
    expect(steppedCosts([[3, 5]], 4)).toEqual([5, 5, 5, 5]);
  });

  it('are those of least squares that do not fall', () => {
    const ms = [4, 9, 1, 3, 8, 2, 6, 7];
    const fitted = steppedCosts(
      ms.map((one, i): [number, number] => [i + 1, one]),
      ms.length,
    );
    // Means of the greatest falling stretch, after Barlow et al. 1972: max over starts of min over ends.
    const mean = (from: number, to: number) =>
      ms.slice(from, to + 1).reduce((a, b) => a + b) / (to - from + 1);
    ms.forEach((_, i) => {
      const starts = Array.from({ length: i + 1 }, (_, from) => from);
      const ends = Array.from({ length: ms.length - i }, (_, k) => i + k);
      const expected = Math.max(
        ...starts.map((from) => Math.min(...ends.map((to) => mean(from, to)))),
      );
      expect(fitted[i]).toBeCloseTo(expected, 12);
    });
  });

  it('let a lookahead stop short of a step', () => {
    const pass = [7, 7, 7, 14, 14, 14, 14, 14, 14];
    const draft = Array.from({ length: 8 }, (_, i) => 0.6 * (i + 1));
    expect(bestLookahead({ draft, pass, perPosition: 0 }, 0.8)).toBe(2);
  });
});

describe('decoding with a lookahead that changes', () => {
  const V = 17;
  const run = async (lookahead: number | LookaheadPolicy, seed: number) => {
    const settings = { temperature: 1, topK: 0, topP: 0.95, repetitionPenalty: 1.1 };
    const processor = new Processor(settings, V);
    const target = new TableModel(V, hashedLogits(V, 11), 120);
    const draft = new TableModel(V, hashedLogits(V, 11), 120);
    const rounds = [];
    for await (const round of decode({
      target,
      processor,
      speculation: {
        drafter: new SmallModelDrafter(
          draft,
          new Processor({ ...settings, temperature: 1.6 }, V),
          16,
          8,
        ),
        rule: acceptanceRule('exact', singletonGroups(V), 1),
        lookahead,
      },
      prompt: [1, 2],
      endOfSpeech: 16,
      uniform: seededUniform(seed),
    })) {
      rounds.push(round);
    }
    return rounds;
  };

  it('is repeated token for token by the recorded lookaheads', async () => {
    let various = false;
    for (let seed = 1; seed <= 10; seed++) {
      const adaptive = await run(new AdaptiveLookahead(costsOf(0.9)), seed);
      const sequence = adaptive.map(({ lookahead }) => lookahead).join('');
      various ||= new Set(sequence).size > 2;
      expect(await run(recordedLookahead(sequence), seed)).toEqual(adaptive);
    }
    expect(various).toBe(true);
  });

  it('records what was drafted, also where the cache ends', async () => {
    for (const round of await run(8, 3)) {
      expect(round.judged.length + round.ignored.length).toBeLessThanOrEqual(round.lookahead);
    }
  });
});
