/*
 * Terms of this file
 *   p, q            target and draft distribution of one position, after the same processors
 *   P(k), Q(k)      their coarse masses: Σ_{t∈G(k)} p(t) ÷ n(t), n(t) the number of groups with t
 *   accepted        a draft token the rule kept
 *   recovered       the token drawn after a rejection
 *   bonus           the token drawn from p when every draft token was kept
 *   thinning        drawing from a residual by proposing from p and keeping a part
 */
import { argmax, type Distribution, Draws, drawFrom } from './distribution';
import { type Groups, singletonGroups } from './groups';
import type { Uniform } from './random';

/** How one draft token x fared. One uniform number u was put to both tests. */
export type Verdict = {
  token: number;
  accepted: boolean;
  /** u < p(x) ÷ q(x) */
  byToken: boolean;
  /** u < P(k) ÷ Q(k) */
  byGroup: boolean;
  ratio: number;
  massRatio: number;
  /** k, drawn uniformly from S(x). */
  group: number;
  groupSize: number;
};

/** A token drawn after a rejection, and how many proposals that took. */
export type Recovery = { token: number; trials: number };

/** A way of keeping draft tokens. Both verbs take p and q of the position, [vocabulary]. */
export type AcceptanceRule = {
  judge(token: number, p: Distribution, q: Distribution, uniform: Uniform): Verdict;
  recover(p: Distribution, q: Distribution, uniform: Uniform): Recovery;
};

/** After so many proposals the residual is built and drawn from directly. */
const MOST_TRIALS = 64;

/** To hold all sums of a distribution takes as long as so many draws without them. */
const SINGLE_DRAWS = 8;

/**
 * Exact speculative decoding (Leviathan et al. 2211.17192, Chen et al. 2302.01318): keeps x with
 * probability min(1, p(x) ÷ q(x)), else draws from norm(max(0, p − q)).
 * Preserves p token by token. `groups` are only looked at: they tell what the coarse-grained rule
 * would have said of the same token.
 */
export function exactRule(groups: Groups): AcceptanceRule {
  const residual = new Residual(singletonGroups(groups.vocabularySize));
  return {
    judge: (token, p, q, uniform) => putToBothTests('exact', token, p, q, groups, uniform),
    recover: (p, q, uniform) => residual.draw(p, q, uniform),
  };
}

/**
 * Principled coarse-grained acceptance (Yanuka et al. 2511.13732, §3): draws a group k of those
 * that hold x and keeps x itself with probability min(1, P(k) ÷ Q(k)), else draws k from
 * norm(max(0, P − Q)) and t from p(t) ÷ n(t) within it.
 * Preserves the distribution of the group label, not of the token. It can keep a token outside
 * p's top-k or top-p mask when its group has mass inside it.
 */
export function pcgRule(groups: Groups): AcceptanceRule {
  const residual = new Residual(groups);
  return {
    judge: (token, p, q, uniform) => putToBothTests('pcg', token, p, q, groups, uniform),
    recover: (p, q, uniform) => residual.draw(p, q, uniform),
  };
}

/**
 * Either rule at temperature 0, where p has all mass on one token a. Exact keeps x = a, which
 * preserves greedy decoding; PCG keeps an x whose own group G(x) holds a, by definition (the limit
 * of the sampled rule is another, random thing) and preserves no token. Both emit a otherwise.
 */
export function greedyRule(kind: 'exact' | 'pcg', groups: Groups): AcceptanceRule {
  return {
    judge: (token, p) => {
      const best = argmax(p);
      const byToken = token === best;
      const byGroup = holds(groups, token, best);
      return {
        token,
        accepted: kind === 'exact' ? byToken : byGroup,
        byToken,
        byGroup,
        ratio: Number(byToken),
        massRatio: Number(byGroup),
        group: token,
        groupSize: groups.size(token),
      };
    },
    recover: (p) => ({ token: argmax(p), trials: 0 }),
  };
}

/** The rule of that name under a temperature. */
export function acceptanceRule(
  kind: 'exact' | 'pcg',
  groups: Groups,
  temperature: number,
): AcceptanceRule {
  if (temperature === 0) return greedyRule(kind, groups);
  return kind === 'exact' ? exactRule(groups) : pcgRule(groups);
}

function putToBothTests(
  kind: 'exact' | 'pcg',
  token: number,
  p: Distribution,
  q: Distribution,
  groups: Groups,
  uniform: Uniform,
): Verdict {
  // Drawn for a singleton too: θ = 1 then repeats exact decoding number for number.
  const group = groups.owner(token, Math.floor(uniform() * groups.ownerCount(token)));
  const u = uniform();
  const ratio = p[token] / q[token];
  // In a singleton the two ratios are one number, which two sums would round apart.
  const groupSize = groups.size(group);
  const massRatio = groupSize === 1 ? ratio : groups.mass(p, group) / groups.mass(q, group);
  const byToken = u < ratio;
  const byGroup = u < massRatio;
  const accepted = kind === 'exact' ? byToken : byGroup;
  return { token, accepted, byToken, byGroup, ratio, massRatio, group, groupSize };
}

/**
 * Draws k from norm(max(0, P − Q)) and t from p(t) ÷ n(t) within k: propose t ~ p and k uniformly
 * from S(t), which is k ~ P, and keep the part of it that Q leaves. O(|G|) a trial; 1 ÷ (1 − α)
 * trials expected, which is unbounded as α nears 1. Holds scratch space: one per run.
 */
class Residual {
  private readonly draws: Draws;
  private readonly residual: Float64Array;
  private readonly within: Float64Array;

  constructor(private readonly groups: Groups) {
    this.draws = new Draws(groups.vocabularySize);
    this.residual = new Float64Array(groups.vocabularySize);
    this.within = new Float64Array(groups.vocabularySize);
  }

  draw(p: Distribution, q: Distribution, uniform: Uniform): Recovery {
    const { groups, draws } = this;
    for (let trials = 1; trials <= MOST_TRIALS; trials++) {
      if (trials === SINGLE_DRAWS + 1) draws.begin(p);
      const token = trials <= SINGLE_DRAWS ? drawFrom(p, uniform()) : draws.draw(uniform());
      const group = groups.owner(token, Math.floor(uniform() * groups.ownerCount(token)));
      const kept = 1 - groups.mass(q, group) / groups.mass(p, group);
      if (uniform() < kept) return { token, trials };
    }
    return { token: this.drawBuilt(p, q, uniform), trials: MOST_TRIALS };
  }

  private drawBuilt(p: Distribution, q: Distribution, uniform: Uniform): number {
    const { groups, residual, within } = this;
    groupResidual(p, q, groups, residual, within);
    within.fill(0);
    let total = 0;
    for (let k = 0; k < residual.length; k++) total += residual[k];
    // P and Q are the same up to rounding: a rejection here says nothing about either.
    if (total === 0) return drawFrom(p, uniform());
    for (let k = 0; k < residual.length; k++) residual[k] /= total;
    const group = drawFrom(residual, uniform());
    const mass = groups.mass(p, group);
    for (let i = 0; i < groups.size(group); i++) {
      const t = groups.member(group, i);
      within[t] = p[t] / groups.ownerCount(t) / mass;
    }
    return drawFrom(within, uniform());
  }
}

/**
 * The residual over group labels, max(0, P − Q), [vocabulary], not normalised; into `out`, with
 * `scratch` of the same size overwritten.
 */
export function groupResidual(
  p: Distribution,
  q: Distribution,
  groups: Groups,
  out: Float64Array = new Float64Array(p.length),
  scratch: Float64Array = new Float64Array(p.length),
): Float64Array {
  groups.masses(p, out);
  groups.masses(q, scratch);
  for (let k = 0; k < out.length; k++) out[k] = Math.max(0, out[k] - scratch[k]);
  return out;
}

function holds(groups: Groups, k: number, token: number): boolean {
  for (let i = 0; i < groups.size(k); i++) if (groups.member(k, i) === token) return true;
  return false;
}
