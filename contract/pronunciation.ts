import { z } from 'zod';

/** How a project says a word: a respelling in ordinary letters, or ARPAbet phones. */
export const Pronunciation = z.object({
  word: z.string().trim().min(1).max(80),
  as: z.string().trim().min(1).max(200),
});
export type Pronunciation = z.infer<typeof Pronunciation>;

export const Pronunciations = z.array(Pronunciation).max(5_000);

/** A word of the pronunciation list as the voice will be told to say it. */
export const PronunciationReport = z.object({
  /** ARPAbet phones, or letters where the dictionary has none, with spaces. */
  phones: z.string(),
  /** Why the entry cannot be used, in one sentence; null when it can. */
  problem: z.string().nullable(),
});
export type PronunciationReport = z.infer<typeof PronunciationReport>;
