import type { Round } from '../../contract/rounds';
import { thetaGrid } from '../../contract/theta-grid';

/** Acceptance rate that can be expected at each threshold of the grid. */
export interface AlphaEstimate {
  thetas: number[];
  alphas: number[];
}

/** From what each round says of its judged drafts; null where none says anything. */
export function alphaEstimate(rounds: readonly Round[], thetaFloor: number): AlphaEstimate | null {
  const thetas = thetaGrid(thetaFloor);
  const kept = thetas.map(() => 0);
  let judged = 0;
  for (const round of rounds) {
    if (round.expectedKept?.length !== thetas.length) continue;
    judged += round.judged.length;
    round.expectedKept.forEach((expected, i) => {
      kept[i] += expected;
    });
  }
  return judged === 0 ? null : { thetas, alphas: kept.map((expected) => expected / judged) };
}

/** Between two thresholds of the grid α is taken to run evenly. */
export function alphaAt({ thetas, alphas }: AlphaEstimate, theta: number): number {
  const behind = thetas.findIndex((one) => one >= theta);
  if (behind <= 0) return alphas[Math.max(0, behind)];
  const share = (theta - thetas[behind - 1]) / (thetas[behind] - thetas[behind - 1]);
  return alphas[behind - 1] + share * (alphas[behind] - alphas[behind - 1]);
}
