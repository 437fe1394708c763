/*
 * Terms of this file
 *   K       lookahead: tokens drafted in a round
 *   α       acceptance rate: accepted ÷ judged
 *   E[τ]    tokens a round is expected to commit: (1 − α^(K+1)) ÷ (1 − α)
 */

/** The most tokens that a round drafts. */
export const LONGEST_LOOKAHEAD = 8;

/**
 * What the steps of a round take, in milliseconds. What every committed token costs besides, its
 * row of the target's distribution and its sound, is the same at any K and left out.
 */
export type StepCosts = {
  /** Drafting K tokens, at index K − 1. */
  draft: readonly number[];
  /** A target pass over S positions, at index S − 1. */
  pass: readonly number[];
};

/** Decides, round by round, how many tokens to draft. */
export interface LookaheadPolicy {
  /** K of the round that begins, from 1 to 8; 0 drafts nothing. */
  next(): number;
  /** What became of a round's drafts. */
  observe(outcome: { accepted: number; judged: number }): void;
}

/** E[τ] at 0 ≤ α ≤ 1. */
export function expectedTokens(alpha: number, lookahead: number): number {
  let sum = 1;
  for (let i = 0, power = 1; i < lookahead; i++) {
    power *= alpha;
    sum += power;
  }
  return sum;
}

/** Tokens a millisecond that rounds of K drafts are expected to come to. */
export function expectedSpeed(costs: StepCosts, alpha: number, lookahead: number): number {
  const ms = costs.draft[lookahead - 1] + costs.pass[lookahead];
  return expectedTokens(alpha, lookahead) / ms;
}

/** The K from 1 to `most` of the highest expected speed; the smaller one wins a tie. */
export function bestLookahead(
  costs: StepCosts,
  alpha: number,
  most: number = LONGEST_LOOKAHEAD,
): number {
  let best = 1;
  for (let lookahead = 2; lookahead <= most; lookahead++) {
    if (expectedSpeed(costs, alpha, lookahead) > expectedSpeed(costs, alpha, best)) {
      best = lookahead;
    }
  }
  return best;
}

/** α where nothing was measured, of coarse-grained decoding at a pack's own θ. */
const USUAL_ALPHA = 0.7;
/** Judged drafts that the prior counts for. */
const PRIOR_DRAFTS = 16;
/** What a judged draft weighs once another was judged: some 64 of them make the estimate. */
const MEMORY = 1 - 1 / 64;

/** A running estimate of α: accepted and judged drafts, of which the older ones weigh less. */
export class AcceptanceEstimate {
  private judged = PRIOR_DRAFTS;
  private accepted: number;

  /** `prior`: what α is taken to be before a draft was judged, from 0 to 1. */
  constructor(prior: number = USUAL_ALPHA) {
    this.accepted = prior * PRIOR_DRAFTS;
  }

  get alpha(): number {
    return this.accepted / this.judged;
  }

  observe({ accepted, judged }: { accepted: number; judged: number }): void {
    const kept = MEMORY ** judged;
    this.accepted = this.accepted * kept + accepted;
    this.judged = this.judged * kept + judged;
  }
}

/** Another K must promise so much more speed before it takes over: noise in α alone does not. */
const LEAST_GAIN = 0.01;

/**
 * Adapts K to the expected speed. A function of the costs and of the outcomes alone: the same costs
 * and the same outcomes give the same sequence.
 */
export class AdaptiveLookahead implements LookaheadPolicy {
  private readonly estimate: AcceptanceEstimate;
  private current: number;

  constructor(
    private readonly costs: StepCosts,
    prior?: number,
  ) {
    this.estimate = new AcceptanceEstimate(prior);
    this.current = bestLookahead(costs, this.estimate.alpha);
  }

  next(): number {
    const { alpha } = this.estimate;
    const best = bestLookahead(this.costs, alpha);
    const present = expectedSpeed(this.costs, alpha, this.current);
    if (expectedSpeed(this.costs, alpha, best) > present * (1 + LEAST_GAIN)) this.current = best;
    return this.current;
  }

  observe(outcome: { accepted: number; judged: number }): void {
    this.estimate.observe(outcome);
  }
}

/** The same K in every round. */
export function fixedLookahead(lookahead: number): LookaheadPolicy {
  return { next: () => lookahead, observe: () => undefined };
}

/**
 * The K of rounds decoded before, a digit each. Rounds beyond them draft nothing: decoding under
 * the same seed and settings has none.
 */
export function recordedLookahead(sequence: string): LookaheadPolicy {
  let round = 0;
  return { next: () => Number(sequence[round++] ?? 0), observe: () => undefined };
}

/**
 * Costs at every length from a few measured ones, [length, ms] by rising length: straight lines
 * between them, and flat beyond the last. A longer step is never taken to be cheaper.
 */
export function interpolate(measured: readonly [number, number][], lengths: number): number[] {
  const costs: number[] = [];
  let least = 0;
  for (let length = 1; length <= lengths; length++) {
    const above = measured.findIndex(([at]) => at >= length);
    const [[x0, y0], [x1, y1]] =
      above < 0
        ? [measured[measured.length - 1], measured[measured.length - 1]]
        : [measured[Math.max(0, above - 1)], measured[above]];
    const ms = x1 === x0 ? y1 : y0 + ((y1 - y0) * (length - x0)) / (x1 - x0);
    least = Math.max(least, ms);
    costs.push(least);
  }
  return costs;
}
