import type { AcceptanceRule } from './acceptance';
import type { Distribution } from './distribution';
import type { Groups } from './groups';

/** Its multiples are spread evenly over [0, 1), and no random number is needed. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * How likely the coarse-grained rule is to keep draft x under other groups than those in force:
 * min(1, P(k) ÷ Q(k)) for one of the groups k that hold x, the one at `offset` by falling cosine,
 * 0 ≤ offset < 1. Over x ~ q and evenly spread offsets that has the mean Σ min(P, Q), which is α.
 */
export function expectedAcceptance(
  x: number,
  p: Distribution,
  q: Distribution,
  groups: Groups,
  offset: number,
): number {
  const k = groups.owner(x, Math.floor(offset * groups.ownerCount(x)));
  // q(x) is above 0, for x was drawn from it: so is Q of every group that holds x.
  return Math.min(1, groups.mass(p, k) / groups.mass(q, k));
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
