import { groupResidual } from './acceptance';
import type { Distribution } from './distribution';
import type { Groups } from './groups';

/** P(k) = Σ_{t∈G(k)} p(t) ÷ n(t) for every k, [vocabulary]; sums to 1 as p does (paper, §3). */
export function coarseDistribution(p: Distribution, groups: Groups): Float64Array {
  return Float64Array.from({ length: p.length }, (_, k) => groups.mass(p, k));
}

/** Σ min(a, b): the acceptance rate α of a rule that compares a with b. */
export function overlap(a: Distribution, b: Distribution): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.min(a[i], b[i]);
  return sum;
}

/** norm(max(0, P − Q)) over group labels, [vocabulary]; all zero where nothing can be rejected. */
export function normalisedGroupResidual(
  p: Distribution,
  q: Distribution,
  groups: Groups,
): Float64Array {
  const residual = groupResidual(p, q, groups);
  const total = residual.reduce((sum, mass) => sum + mass, 0);
  // What rounding leaves of P − Q is no residual.
  return total < 1e-12 ? residual.fill(0) : residual.map((mass) => mass / total);
}

/** Distribution of the recovered token of the coarse-grained rule, [vocabulary]. */
export function tokenGivenRejection(
  p: Distribution,
  q: Distribution,
  groups: Groups,
): Float64Array {
  const residual = normalisedGroupResidual(p, q, groups);
  return perToken(groups, (t, k) =>
    residual[k] === 0 ? 0 : (residual[k] * p[t]) / groups.mass(p, k),
  );
}

/**
 * Distribution of the token that one position of the coarse-grained rule emits, [vocabulary]. It
 * differs from p: only the group label is preserved.
 */
export function tokenMarginal(p: Distribution, q: Distribution, groups: Groups): Float64Array {
  const kept = perToken(
    groups,
    (t, k) => q[t] * Math.min(1, groups.mass(p, k) / (groups.mass(q, k) || 1)),
  );
  const alpha = overlap(coarseDistribution(p, groups), coarseDistribution(q, groups));
  const recovered = tokenGivenRejection(p, q, groups);
  return kept.map((mass, t) => mass + (1 - alpha) * recovered[t]);
}

/** (1 ÷ n(t)) Σ_{k∈S(t)} value(t, k) for every token t. */
function perToken(groups: Groups, value: (t: number, k: number) => number): Float64Array {
  return Float64Array.from({ length: groups.vocabularySize }, (_, t) => {
    const owners = groups.ownerCount(t);
    let sum = 0;
    for (let i = 0; i < owners; i++) sum += value(t, groups.owner(t, i));
    return sum / owners;
  });
}
