import type { AcceptanceRule } from './acceptance';
import type { Distribution } from './distribution';
import type { Groups } from './groups';

/** Groups that are looked at for each draft and threshold; a token may be in hundreds. */
const MOST_OWNERS = 1;
/** Its multiples are spread evenly over [0, 1), and no random number is needed. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * How likely the coarse-grained rule is to keep draft x under other groups than those in force:
 * the mean of min(1, P(k) ÷ Q(k)) over the groups k that hold x. Over x ~ q that has the mean
 * Σ min(P, Q), which is α. Of more than two groups two are taken, evenly by falling cosine from
 * `offset` on, 0 ≤ offset < 1: over evenly spread offsets the mean is the same.
 */
export function expectedAcceptance(
  x: number,
  p: Distribution,
  q: Distribution,
  groups: Groups,
  offset: number,
): number {
  const owners = groups.ownerCount(x);
  const taken = Math.min(owners, MOST_OWNERS);
  let sum = 0;
  for (let i = 0; i < taken; i++) {
    const k = groups.owner(x, Math.floor(((i + offset) * owners) / taken));
    // q(x) is above 0, for x was drawn from it: so is Q of every group that holds x.
    sum += Math.min(1, groups.mass(p, k) / groups.mass(q, k));
  }
  return sum / taken;
}

/** What the drafts that a rule judges tell of other thresholds. It takes no random number. */
export class WhatIf {
  private sums: number[];
  private offset = 0;

  /** @param groups at each threshold that is asked about */
  constructor(private readonly groups: readonly Groups[]) {
    this.sums = groups.map(() => 0);
  }

  /** The same rule, watched. */
  watch(rule: AcceptanceRule): AcceptanceRule {
    return {
      judge: (token, p, q, uniform) => {
        this.offset = (this.offset + GOLDEN_RATIO) % 1;
        this.groups.forEach((groups, i) => {
          this.sums[i] += expectedAcceptance(token, p, q, groups, this.offset);
        });
        return rule.judge(token, p, q, uniform);
      },
      recover: rule.recover,
    };
  }

  /** Drafts that each threshold can be expected to keep, of those judged since it was asked last. */
  take(): number[] {
    const { sums } = this;
    this.sums = sums.map(() => 0);
    return sums;
  }
}
