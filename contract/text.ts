import { z } from 'zod';

/** What will become of a text, before any of it is spoken. Offsets are UTF-16 units. */
export const TextReport = z.object({
  /** Ranges that the pack cannot speak and that will be left out, [start, end). */
  unspeakable: z.array(z.tuple([z.number().int(), z.number().int()])),
  /** The text as it will be read: numbers, dates and abbreviations written out. */
  spoken: z.string(),
  /** Words that are not in the dictionary and will be spelled to the model. */
  spelled: z.array(z.string()),
  pieces: z.number().int().nonnegative(),
  /** An estimate, in seconds of speech. */
  seconds: z.number().nonnegative(),
  /** One sentence when nothing can be generated, else null. */
  problem: z.string().nullable(),
});
export type TextReport = z.infer<typeof TextReport>;
