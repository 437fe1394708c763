/*
 * Terms of this file
 *   p, q            target and draft distribution of one position, after the same processors
 *   P(k), Q(k)      their coarse masses: Σ_{t∈G(k)} p(t) ÷ n(t), n(t) the number of groups with t
 *   accepted        a draft token the rule kept
 *   recovered       the token drawn after a rejection
 *   bonus           the token drawn from p when every draft token was kept
 *   thinning        drawing from a residual by proposing from p and keeping a part
 */
import { argmax, type Distribution, drawFrom } from './distribution';
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

/**
 * Exact speculative decoding (Leviathan et al. 2211.17192, Chen et al. 2302.01318): keeps x with
 * probability min(1, p(x) ÷ q(x)), else draws from norm(max(0, p − q)).
 * Preserves p token by token. `groups` are only looked at: they tell what the coarse-grained rule
 * would have said of the same token.
 */
export function exactRule(groups: Groups): AcceptanceRule {
  const singletons = singletonGroups(groups.vocabularySize);
  return {
    judge: (token, p, q, uniform) => {
      const verdict = putToBothTests(token, p, q, groups, uniform);
      return { ...verdict, accepted: verdict.byToken };
    },
    recover: (p, q, uniform) => thin(p, q, singletons, uniform),
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
  return {
    judge: (token, p, q, uniform) => {
      const verdict = putToBothTests(token, p, q, groups, uniform);
      return { ...verdict, accepted: verdict.byGroup };
    },
    recover: (p, q, uniform) => thin(p, q, groups, uniform),
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
  token: number,
  p: Distribution,
  q: Distribution,
  groups: Groups,
  uniform: Uniform,
): Omit<Verdict, 'accepted'> {
  // Drawn for a singleton too: θ = 1 then repeats exact decoding number for number.
  const group = groups.owner(token, Math.floor(uniform() * groups.ownerCount(token)));
  const u = uniform();
  const ratio = p[token] / q[token];
  // In a singleton the two ratios are one number, which two sums would round apart.
  const groupSize = groups.size(group);
  const massRatio = groupSize === 1 ? ratio : groups.mass(p, group) / groups.mass(q, group);
  return { token, byToken: u < ratio, byGroup: u < massRatio, ratio, massRatio, group, groupSize };
}

/**
 * Draws k from norm(max(0, P − Q)) and t from p(t) ÷ n(t) within k: propose t ~ p and k uniformly
 * from S(t), which is k ~ P, and keep the part of it that Q leaves. O(|G|) a trial; 1 ÷ (1 − α)
 * trials expected, which is unbounded as α nears 1.
 */
function thin(p: Distribution, q: Distribution, groups: Groups, uniform: Uniform): Recovery {
  for (let trials = 1; trials <= MOST_TRIALS; trials++) {
    const token = drawFrom(p, uniform());
    const group = groups.owner(token, Math.floor(uniform() * groups.ownerCount(token)));
    const kept = 1 - groups.mass(q, group) / groups.mass(p, group);
    if (uniform() < kept) return { token, trials };
  }
  return { token: drawFromResidual(p, q, groups, uniform), trials: MOST_TRIALS };
}

/** The residual over group labels, max(0, P − Q), [vocabulary], not normalised. */
export function groupResidual(p: Distribution, q: Distribution, groups: Groups): Float64Array {
  return Float64Array.from({ length: p.length }, (_, k) =>
    Math.max(0, groups.mass(p, k) - groups.mass(q, k)),
  );
}

function drawFromResidual(
  p: Distribution,
  q: Distribution,
  groups: Groups,
  uniform: Uniform,
): number {
  const residual = groupResidual(p, q, groups);
  const total = residual.reduce((sum, mass) => sum + mass, 0);
  // P and Q are the same up to rounding: a rejection here says nothing about either.
  if (total === 0) return drawFrom(p, uniform());
  const group = drawFrom(
    residual.map((mass) => mass / total),
    uniform(),
  );
  const within = new Float64Array(p.length);
  const mass = groups.mass(p, group);
  for (let i = 0; i < groups.size(group); i++) {
    const t = groups.member(group, i);
    within[t] = p[t] / groups.ownerCount(t) / mass;
  }
  return drawFrom(within, uniform());
}

function holds(groups: Groups, k: number, token: number): boolean {
  for (let i = 0; i < groups.size(k); i++) if (groups.member(k, i) === token) return true;
  return false;
}
