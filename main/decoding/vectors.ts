import {
  coarseDistribution,
  normalisedGroupResidual,
  overlap,
  tokenGivenRejection,
  tokenMarginal,
} from './coarse';
import { groupsAt } from './groups';
import { buildNeighbours } from './neighbours';

/** A worked example: a table, two distributions, and everything that follows from them. */
export type WorkedCase = {
  codebook: number;
  /** Tokens behind the codebook; each is a singleton. */
  specials: number;
  theta: number;
  /** [codebook × width] */
  embedding: number[][];
  p: number[];
  q: number[];
  groups: number[][];
  owners: number[];
  P: number[];
  Q: number[];
  alpha_exact: number;
  alpha_group: number;
  residual_group: number[];
  token_given_rejection: number[];
  token_marginal: number[];
};

/** Largest absolute deviation from a worked case, by field; a different group counts as infinite. */
export function deviations(worked: WorkedCase): Record<string, number> {
  const rows = {
    tokens: worked.codebook,
    width: worked.embedding[0]?.length ?? 0,
    values: worked.embedding.flat(),
  };
  const vocabularySize = worked.codebook + worked.specials;
  const groups = groupsAt(buildNeighbours(rows, -1), worked.theta, vocabularySize);
  const p = Float64Array.from(worked.p);
  const q = Float64Array.from(worked.q);
  const P = coarseDistribution(p, groups);
  const Q = coarseDistribution(q, groups);
  const members = Array.from({ length: vocabularySize }, (_, k) =>
    Array.from({ length: groups.size(k) }, (_, i) => groups.member(k, i)),
  );
  const owners = members.map((_, t) => groups.ownerCount(t));
  return {
    groups: sameSets(members, worked.groups) ? 0 : Number.POSITIVE_INFINITY,
    owners: largest(owners, worked.owners),
    P: largest(P, worked.P),
    Q: largest(Q, worked.Q),
    alpha_exact: largest([overlap(p, q)], [worked.alpha_exact]),
    alpha_group: largest([overlap(P, Q)], [worked.alpha_group]),
    residual_group: largest(normalisedGroupResidual(p, q, groups), worked.residual_group),
    token_given_rejection: largest(tokenGivenRejection(p, q, groups), worked.token_given_rejection),
    token_marginal: largest(tokenMarginal(p, q, groups), worked.token_marginal),
  };
}

function sameSets(found: number[][], expected: number[][]): boolean {
  const key = (group: number[]) => [...group].sort((a, b) => a - b).join();
  return found.length === expected.length && found.every((g, k) => key(g) === key(expected[k]));
}

function largest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < found.length; i++) {
    const deviation = Math.abs(found[i] - expected[i]);
    // A NaN on either side compares with nothing, and must not pass for agreement.
    if (!(deviation <= most)) most = Number.isNaN(deviation) ? Number.POSITIVE_INFINITY : deviation;
  }
  return most;
}
