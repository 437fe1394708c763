import { z } from 'zod';

const token = z.number().int().nonnegative();

/** One judged draft token. The same uniform number was put to both tests. */
export const JudgedDraft = z.object({
  token,
  /** Whether the rule in force kept it. */
  accepted: z.boolean(),
  /** u < p(x) ÷ q(x): the exact rule's test. */
  byToken: z.boolean(),
  /** u < P(k) ÷ Q(k): the coarse-grained rule's test, k drawn from the groups that hold x. */
  byGroup: z.boolean(),
  /** p(x) ÷ q(x). */
  ratio: z.number(),
  /** P(k) ÷ Q(k). */
  massRatio: z.number(),
  /** The token k that seeded the drawn group. */
  group: token,
  groupSize: z.number().int().positive(),
});
export type JudgedDraft = z.infer<typeof JudgedDraft>;

/** One round: up to K drafts, one target pass, and the token that follows the accepted drafts. */
export const Round = z.object({
  /** Which piece of a split text this belongs to. */
  piece: z.number().int().nonnegative(),
  /** Frame of the take (silences between pieces included) that the first committed token fills. */
  frame: z.number().int().nonnegative(),
  /** Accepted drafts first; at most the last one is rejected. */
  judged: z.array(JudgedDraft),
  /** Draft tokens after the first rejection. */
  ignored: z.array(token),
  /** The token drawn from the target: after a rejection, or because all drafts were kept. */
  drawn: z.object({ token, kind: z.enum(['recovered', 'bonus']) }).nullable(),
  /** The last committed token is end-of-speech, which fills no frame. */
  ended: z.boolean(),
  /**
   * Of the judged drafts, how many the coarse-grained rule can be expected to keep at each threshold
   * of `thetaGrid`. None where nothing was drafted, and in takes made before it was kept.
   */
  expectedKept: z.array(z.number().nonnegative()).optional(),
});
export type Round = z.infer<typeof Round>;

/** Tokens the round added to the speech, in order; end-of-speech, when it comes, is the last. */
export function committedTokens(round: Round): number[] {
  const tokens = round.judged.filter((draft) => draft.accepted).map((draft) => draft.token);
  if (round.drawn) tokens.push(round.drawn.token);
  return tokens;
}

/** The committed tokens that are frames of sound: all but end-of-speech. */
export function frameTokens(round: Round): number[] {
  const tokens = committedTokens(round);
  return round.ended ? tokens.slice(0, -1) : tokens;
}

/** Frames of sound the round added. */
export function frameCount(round: Round): number {
  return frameTokens(round).length;
}
