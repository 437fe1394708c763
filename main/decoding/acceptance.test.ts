import { describe, expect, it } from 'vitest';
import { type AcceptanceRule, exactRule, pcgRule } from './acceptance';
import { coarseDistribution, overlap, tokenMarginal } from './coarse';
import { drawFrom } from './distribution';
import { type Groups, groupsAt } from './groups';
import { buildNeighbours } from './neighbours';
import { seededUniform, type Uniform } from './random';
import { chiSquarePValue } from './testing/chi-square';

const V = 24;
const DRAWS = 200_000;
/** A true hypothesis is refused once in a thousand seeds; the seeds are fixed. */
const LEAST_P_VALUE = 1e-3;

function randomDistribution(uniform: Uniform, sharpness: number, keep = V): Float64Array {
  const weights = Float64Array.from({ length: V }, () => uniform() ** sharpness);
  const bound = [...weights].sort((a, b) => b - a)[keep - 1];
  const kept = weights.map((weight) => (weight >= bound ? weight : 0));
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((weight) => weight / sum);
}

function randomGroups(seed: number, theta: number, cap?: number): Groups {
  const uniform = seededUniform(seed);
  const values = Array.from({ length: (V - 1) * 3 }, () => uniform() - 0.5);
  return groupsAt(buildNeighbours({ tokens: V - 1, width: 3, values }, -1), theta, V, cap);
}

/** One position decoded over and over: what is emitted, and how it came about. */
function emit(rule: AcceptanceRule, p: Float64Array, q: Float64Array, uniform: Uniform) {
  const tokens = new Float64Array(V);
  let accepted = 0;
  let trials = 0;
  const labelled: number[] = [];
  for (let i = 0; i < DRAWS; i++) {
    const x = drawFrom(q, uniform());
    const verdict = rule.judge(x, p, q, uniform);
    if (verdict.accepted) {
      accepted++;
      tokens[x]++;
      labelled.push(x);
    } else {
      const recovery = rule.recover(p, q, uniform);
      trials += recovery.trials;
      tokens[recovery.token]++;
      labelled.push(recovery.token);
    }
  }
  return { tokens, labelled, alpha: accepted / DRAWS, trials: trials / (DRAWS - accepted) };
}

const cases = [
  { name: 'alike', p: 1, q: 1.5, keepP: V, keepQ: V, seed: 1 },
  { name: 'far apart', p: 4, q: 5, keepP: V, keepQ: V, seed: 2 },
  { name: 'target under a top-k mask', p: 2, q: 2, keepP: 6, keepQ: V, seed: 3 },
  { name: 'both under a top-k mask', p: 3, q: 2, keepP: 8, keepQ: 8, seed: 4 },
].map(({ name, p, q, keepP, keepQ, seed }) => {
  const uniform = seededUniform(seed);
  return {
    name,
    p: randomDistribution(uniform, p, keepP),
    q: randomDistribution(uniform, q, keepQ),
    seed,
  };
});

describe.each(cases)('exact rule, $name', ({ p, q, seed }) => {
  const groups = randomGroups(seed, 0.3);
  const result = emit(exactRule(groups), p, q, seededUniform(100 + seed));

  it('emits tokens distributed as p, and none outside its mask', () => {
    expect(chiSquarePValue(result.tokens, p)).toBeGreaterThan(LEAST_P_VALUE);
    for (let t = 0; t < V; t++) if (p[t] === 0) expect(result.tokens[t]).toBe(0);
  });

  it('accepts Σ min(p, q)', () => {
    expect(Math.abs(result.alpha - overlap(p, q))).toBeLessThan(5e-3);
  });

  it('thins in 1 ÷ (1 − α) trials', () => {
    expect(Math.abs(result.trials * (1 - overlap(p, q)) - 1)).toBeLessThan(0.05);
  });
});

describe.each([
  ...cases.map((one) => ({ ...one, theta: 0.3, cap: undefined as number | undefined })),
  { ...cases[0], name: 'capped groups', theta: 0, cap: 5 },
])('coarse-grained rule, $name', ({ p, q, seed, theta, cap }) => {
  const groups = randomGroups(seed, theta, cap);
  const P = coarseDistribution(p, groups);
  const Q = coarseDistribution(q, groups);
  const alpha = overlap(P, Q);

  it('draws group labels as P and accepts Σ min(P, Q)', () => {
    // The label of an accepted token is the k of its judgement; of a recovered one, the k that
    // thinning kept, which leaves the rule only as its token: so labels are drawn here again from
    // the residual's own definition, k given t, and weighed against P.
    const uniform = seededUniform(200 + seed);
    const rule = pcgRule(groups);
    const labels = new Float64Array(V);
    let accepted = 0;
    for (let i = 0; i < DRAWS; i++) {
      const x = drawFrom(q, uniform());
      const verdict = rule.judge(x, p, q, uniform);
      if (verdict.accepted) {
        accepted++;
        labels[verdict.group]++;
      } else {
        const { token } = rule.recover(p, q, uniform);
        labels[labelOfRecovered(token, P, Q, groups, uniform)]++;
      }
    }
    expect(chiSquarePValue(labels, P)).toBeGreaterThan(LEAST_P_VALUE);
    expect(Math.abs(accepted / DRAWS - alpha)).toBeLessThan(5e-3);
  });

  it('thins in 1 ÷ (1 − α) trials', () => {
    const { trials } = emit(pcgRule(groups), p, q, seededUniform(300 + seed));
    expect(Math.abs(trials * (1 - alpha) - 1)).toBeLessThan(0.05);
  });

  it('emits tokens as its own marginal says, which is not p', () => {
    const { tokens } = emit(pcgRule(groups), p, q, seededUniform(400 + seed));
    expect(chiSquarePValue(tokens, tokenMarginal(p, q, groups))).toBeGreaterThan(LEAST_P_VALUE);
    expect(chiSquarePValue(tokens, p)).toBeLessThan(1e-6);
  });
});

/** k given that thinning emitted t: P(k | t) ∝ max(0, 1 − Q(k) ÷ P(k)) over the owners of t. */
function labelOfRecovered(
  t: number,
  P: Float64Array,
  Q: Float64Array,
  groups: Groups,
  uniform: Uniform,
): number {
  const weights = new Float64Array(V);
  let sum = 0;
  for (let i = 0; i < groups.ownerCount(t); i++) {
    const k = groups.owner(t, i);
    weights[k] = Math.max(0, 1 - Q[k] / P[k]);
    sum += weights[k];
  }
  return drawFrom(
    weights.map((weight) => weight / sum),
    uniform(),
  );
}

describe('both rules', () => {
  it('accept everything when q is p', () => {
    const { p } = cases[1];
    for (const rule of [exactRule(randomGroups(1, 0.3)), pcgRule(randomGroups(1, 0.3))]) {
      expect(emit(rule, p, p.slice(), seededUniform(7)).alpha).toBe(1);
    }
  });

  it('θ = 1 makes the coarse-grained rule exact, number for number', () => {
    const { p, q } = cases[0];
    const exact = emit(exactRule(randomGroups(1, 0.2)), p, q, seededUniform(9));
    const pcg = emit(pcgRule(randomGroups(1, 1)), p, q, seededUniform(9));
    const other = emit(pcgRule(randomGroups(1, 0.2)), p, q, seededUniform(9));
    expect(pcg.labelled).toEqual(exact.labelled);
    expect(other.labelled).not.toEqual(exact.labelled);
  });

  it('put one number to both tests: a token kept by p(x) ÷ q(x) ≥ 1 passes the exact test', () => {
    const { p, q, seed } = cases[1];
    const rule = pcgRule(randomGroups(seed, 0.3));
    const uniform = seededUniform(11);
    const seen = { both: 0, groupOnly: 0, tokenOnly: 0, neither: 0 };
    for (let i = 0; i < 20_000; i++) {
      const x = drawFrom(q, uniform());
      const verdict = rule.judge(x, p, q, uniform);
      expect(verdict.accepted).toBe(verdict.byGroup);
      expect(verdict.ratio).toBe(p[x] / q[x]);
      if (verdict.ratio >= 1) expect(verdict.byToken).toBe(true);
      if (verdict.massRatio >= 1) expect(verdict.byGroup).toBe(true);
      // With one number the larger ratio wins: the tests cannot disagree against it.
      if (verdict.byToken !== verdict.byGroup) {
        expect(verdict.byGroup).toBe(verdict.massRatio > verdict.ratio);
      }
      if (verdict.byToken) seen[verdict.byGroup ? 'both' : 'tokenOnly']++;
      else seen[verdict.byGroup ? 'groupOnly' : 'neither']++;
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  });

  it('draw from the built residual when thinning would not end', () => {
    // q takes all of p but a sliver on token 0, so nearly every proposal is refused.
    const p = new Float64Array(V).fill(0);
    const q = new Float64Array(V).fill(0);
    p[0] = 1e-9;
    p[1] = 1 - 1e-9;
    q[1] = 1;
    const uniform = seededUniform(13);
    for (const rule of [exactRule(randomGroups(1, 1)), pcgRule(randomGroups(1, 1))]) {
      const recovery = rule.recover(p, q, uniform);
      expect(recovery).toEqual({ token: 0, trials: 64 });
    }
  });
});
