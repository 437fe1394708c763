/*
 * Terms of this file
 *   K       lookahead: tokens drafted in a round
 *   α       acceptance rate: accepted ÷ judged
 *   E[τ]    tokens a round is expected to commit: (1 − α^(K+1)) ÷ (1 − α)
 */

/** The most tokens that a round drafts. */
export const LONGEST_LOOKAHEAD = 8;

/**
 * What the steps of a round take, in milliseconds or in passes over one position. What every committed
 * token costs besides, its row of the target's distribution and its sound, is the same at any K and left out.
 */
export type StepCosts = {
  /** Drafting K tokens, at index K − 1. */
  draft: readonly number[];
  /** A target pass over S positions behind an empty cache, at index S − 1. */
  pass: readonly number[];
  /** What a pass takes longer for each position that the cache holds. */
  perPosition: number;
};

/** Decides, round by round, how many tokens to draft. */
export interface LookaheadPolicy {
  /** K of the round that begins behind `position` tokens, from 1 to 8; 0 drafts nothing. */
  next(position: number): number;
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

/**
 * Tokens that rounds of K drafts behind `position` tokens are expected to come to in the unit of time of the costs.
 * At K = 0, what plain decoding comes to.
 */
export function expectedSpeed(
  costs: StepCosts,
  alpha: number,
  lookahead: number,
  position = 0,
): number {
  const { draft, pass, perPosition } = costs;
  const drafting = lookahead === 0 ? 0 : draft[lookahead - 1];
  const time = drafting + pass[lookahead] + perPosition * position;
  return expectedTokens(alpha, lookahead) / time;
}

/** The K of the highest expected speed, 0 where drafting does not pay; the smaller one wins a tie. */
export function bestLookahead(costs: StepCosts, alpha: number, position = 0): number {
  let best = 0;
  for (let lookahead = 1; lookahead <= LONGEST_LOOKAHEAD; lookahead++) {
    const speed = expectedSpeed(costs, alpha, lookahead, position);
    if (speed > expectedSpeed(costs, alpha, best, position)) best = lookahead;
  }
  return best;
}

/** α of coarse-grained decoding at a pack's own θ, for what is expected of a device. */
export const USUAL_ALPHA = 0.75;
/** α before a draft was judged: between exact decoding's and coarse-grained decoding's. */
const PRIOR_ALPHA = 0.7;
/** Judged drafts that the prior counts for: few, so that a take whose drafts are refused soon stops drafting. */
const PRIOR_DRAFTS = 6;
/** What a judged draft weighs once another was judged: some 64 of them make the estimate. */
const MEMORY = 1 - 1 / 64;

/** A running estimate of α: accepted and judged drafts, of which the older ones weigh less. */
export class AcceptanceEstimate {
  private judged = PRIOR_DRAFTS;
  private accepted: number;

  /** `prior`: what α is taken to be before a draft was judged, from 0 to 1. */
  constructor(prior: number = PRIOR_ALPHA) {
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

/** Plain rounds before drafting is tried again for the first time, and how many times as long each further wait is. */
const FIRST_WAIT = 16;
const LONGER_WAIT = 4;
/** Rounds of one draft that such a trial has. */
const TRIAL_ROUNDS = 2;
/**
 * What a first draft may cost, in passes, for drafting to be tried again. The draft's caches catch up with all tokens
 * that came without it, at some third of a draft a token: where the draft is dear, that is more than a trial can gain.
 */
const DEAREST_TRIAL = 0.25;

/**
 * Adapts K to the expected speed. A function of the costs, the positions and the outcomes alone: the
 * same ones give the same sequence. Where drafting does not pay, it stops, and is tried again less and less often.
 */
export class AdaptiveLookahead implements LookaheadPolicy {
  private readonly estimate: AcceptanceEstimate;
  private current: number | null = null;
  private readonly triesAgain: boolean;
  /** How many plain rounds the next wait has, and how many are still to come of this one. */
  private wait = FIRST_WAIT;
  private waiting = 0;
  /** Rounds of a trial that are still to come. */
  private trying = 0;

  constructor(
    private readonly costs: StepCosts,
    prior?: number,
  ) {
    this.estimate = new AcceptanceEstimate(prior);
    this.triesAgain = costs.draft[0] <= DEAREST_TRIAL * costs.pass[0];
  }

  next(position: number): number {
    if (this.waiting > 0) {
      this.waiting--;
      return 0;
    }
    const lookahead = this.choose(position);
    if (this.trying > 0) {
      this.trying--;
      return Math.max(1, lookahead);
    }
    if (lookahead === 0) this.stopDrafting();
    else this.wait = FIRST_WAIT;
    return lookahead;
  }

  observe(outcome: { accepted: number; judged: number }): void {
    this.estimate.observe(outcome);
  }

  /** The best K, or the present one where that is as good. */
  private choose(position: number): number {
    const { alpha } = this.estimate;
    const speed = (lookahead: number) => expectedSpeed(this.costs, alpha, lookahead, position);
    const best = bestLookahead(this.costs, alpha, position);
    this.current ??= best;
    if (speed(best) > speed(this.current) * (1 + LEAST_GAIN)) this.current = best;
    return this.current;
  }

  private stopDrafting(): void {
    this.waiting = this.triesAgain ? this.wait - 1 : Number.POSITIVE_INFINITY;
    this.wait *= LONGER_WAIT;
    this.trying = TRIAL_ROUNDS;
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
 * Costs at lengths 1 … `lengths` from those of at least two, [length, ms]: on the straight line that
 * fits them best by least squares, which neither falls nor begins under 0.
 */
export function straightCosts(measured: readonly [number, number][], lengths: number): number[] {
  const sum = (term: (x: number, y: number) => number) =>
    measured.reduce((total, [x, y]) => total + term(x, y), 0);
  const count = measured.length;
  const meanX = sum((x) => x) / count;
  const meanY = sum((_, y) => y) / count;
  const rise = sum((x, y) => (x - meanX) * (y - meanY)) / sum((x) => (x - meanX) ** 2);
  const steepest = sum((x, y) => x * y) / sum((x) => x * x);
  const slope = Math.max(0, meanY - rise * meanX < 0 ? steepest : rise);
  const first = meanY - rise * meanX < 0 ? 0 : meanY - slope * meanX;
  return Array.from({ length: lengths }, (_, i) => first + slope * (i + 1));
}

/**
 * Costs at lengths 1 … `lengths` from those of some, [length, ms] by rising length: they may rise in steps, where a
 * device has another program for longer passes, but do not fall. The nearest such costs by least squares (isotonic
 * regression: neighbours that fall are pooled). A length that was not measured costs what the next longer one does.
 */
export function steppedCosts(measured: readonly [number, number][], lengths: number): number[] {
  const steps: { last: number; sum: number; count: number }[] = [];
  const mean = (step: (typeof steps)[number]) => step.sum / step.count;
  for (const [length, ms] of measured) {
    let step = { last: length, sum: ms, count: 1 };
    for (let before = steps.at(-1); before && mean(before) >= mean(step); before = steps.at(-1)) {
      step = { last: length, sum: step.sum + before.sum, count: step.count + before.count };
      steps.pop();
    }
    steps.push(step);
  }
  return Array.from({ length: lengths }, (_, i) => {
    const step = steps.find(({ last }) => last >= i + 1) ?? steps[steps.length - 1];
    return mean(step);
  });
}
