import { z } from 'zod';

/** Where a word is heard in a take. Times are seconds from the take's start. */
export const WordTime = z.object({
  /** As it was read: numbers and abbreviations are written out. */
  text: z.string(),
  start: z.number().nonnegative(),
  end: z.number().nonnegative(),
  /** Where each of its phones begins; the first one does at `start`. */
  phones: z.array(z.number().nonnegative()),
});
export type WordTime = z.infer<typeof WordTime>;
