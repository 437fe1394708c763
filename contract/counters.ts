import { z } from 'zod';

const count = z.number().int().nonnegative();

/**
 * Raw counts of a decoding run; rates are derived from them where they are shown.
 * drafted = accepted + rejected + ignored, committed = accepted + recovered + bonus.
 * Prefill passes are not counted: `targetCalls` are verifying passes, one a round.
 */
export const Counters = z.object({
  rounds: count,
  drafted: count,
  accepted: count,
  rejected: count,
  ignored: count,
  recovered: count,
  bonus: count,
  committed: count,
  targetCalls: count,
  draftCalls: count,
});
export type Counters = z.infer<typeof Counters>;

/** Acceptance rate α: accepted ÷ judged. Ignored drafts were never judged. Null before the first. */
export function acceptanceRate({ accepted, rejected }: Counters): number | null {
  return accepted + rejected === 0 ? null : accepted / (accepted + rejected);
}

/** Block efficiency τ: tokens committed per target call. Null before the first. */
export function blockEfficiency({ committed, targetCalls }: Counters): number | null {
  return targetCalls === 0 ? null : committed / targetCalls;
}
