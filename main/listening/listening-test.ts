import { z } from 'zod';
import { ListeningAnswer, ListeningKind } from '../../contract/listening';
import { SpeakSettings } from '../../contract/settings';
import { Take } from '../../contract/take';

/** A text, and a take of it for each condition. */
export const ListeningItem = z.object({
  text: z.string(),
  /** Of takes that are generated for it. */
  seed: z.number().int().nonnegative(),
  /** Ids, by condition; null while a take is missing. The test keeps its own copies of their sound. */
  takes: z.array(Take.shape.id.nullable()),
});
export type ListeningItem = z.infer<typeof ListeningItem>;

/**
 * A blind test as stored in `test.json`. All but the takes is fixed before the first trial, and
 * nothing of it is drawn again.
 */
export const ListeningTest = z.object({
  schema: z.literal(1),
  id: Take.shape.id,
  kind: ListeningKind,
  createdAt: z.iso.datetime(),
  seed: z.number().int().nonnegative(),
  /** A, B, …; of a MUSHRA-like test A is the reference. The seeds in the settings mean nothing. */
  conditions: z
    .array(z.object({ name: z.string(), settings: SpeakSettings }))
    .min(2)
    .max(4),
  items: z.array(ListeningItem).min(1),
  trials: z
    .array(
      z.object({
        item: z.number().int().nonnegative(),
        isControl: z.boolean(),
        order: z.array(z.number().int().nonnegative()).min(2).max(5),
      }),
    )
    .min(1),
});
export type ListeningTest = z.infer<typeof ListeningTest>;

/** One trial as it was answered; the n-th of `answers.json` belongs to the n-th trial. */
export const GivenAnswer = z.object({
  answer: ListeningAnswer,
  at: z.iso.datetime(),
  /** How often each sound was started, in playing order, the open reference last. */
  plays: z.array(z.number().int().nonnegative()),
});
export type GivenAnswer = z.infer<typeof GivenAnswer>;

export const letterOf = (condition: number) => 'ABCD'[condition];

/** The name of a stimulus in a table: its letter, or the anchor of a MUSHRA-like test. */
export function stimulusName(test: ListeningTest, stimulus: number): string {
  if (stimulus === test.conditions.length) return 'Anchor';
  return test.kind === 'mushra' && stimulus === 0 ? 'A, hidden reference' : letterOf(stimulus);
}
