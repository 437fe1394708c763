import { z } from 'zod';
import { Counters } from './counters';
import { Pronunciations } from './pronunciation';
import { SpeakSettings } from './settings';

export const TakeStatus = z.enum(['generating', 'finished', 'cancelled', 'interrupted', 'failed']);
export type TakeStatus = z.infer<typeof TakeStatus>;

/** A stretch of text decoded in one go. */
export const Piece = z.object({
  text: z.string(),
  /** On the take's frame axis, which counts the silences between pieces. */
  startFrame: z.number().int().nonnegative(),
  frames: z.number().int().nonnegative(),
  end: z.enum(['endOfSpeech', 'maximumLength', 'cancelled']),
  /**
   * The lookahead of each of its rounds, a digit each, by which its tokens come again; none where
   * nothing was drafted. Takes made before it was kept have none.
   */
  lookaheads: z
    .string()
    .regex(/^[0-8]*$/)
    .default(''),
});
export type Piece = z.infer<typeof Piece>;

/** One rendering of a text, as stored beside its WAV file in `take.json`. */
export const Take = z.object({
  schema: z.literal(1),
  id: z
    .string()
    .max(64)
    .regex(/^[0-9a-z-]{8,64}$/),
  name: z.string().max(200),
  createdAt: z.iso.datetime(),
  starred: z.boolean(),
  status: TakeStatus,
  /** Why it failed or was interrupted, in one sentence. */
  problem: z.string().nullable(),
  /** Shared by the two takes of a generated pair. */
  pair: z.string().nullable(),
  text: z.string(),
  settings: SpeakSettings,
  pack: z.object({
    id: z.string(),
    name: z.string(),
    sha256: z.string(),
    sampleRate: z.number().int().positive(),
    frameRate: z.number().positive(),
  }),
  device: z.string(),
  meanGroupSize: z.number(),
  counters: Counters,
  /** Frames of sound so far, silences between pieces included. */
  frames: z.number().int().nonnegative(),
  pieces: z.array(Piece),
  notices: z.array(z.string()),
  wallMs: z.number().nonnegative(),
  firstSoundMs: z.number().nonnegative().nullable(),
  /** Plain decoding as this take's own passes timed it; null when they could not tell. */
  plainTokensPerSecond: z.number().positive().nullable().default(null),
  /** Of the project that it was made for; none where it was made for no project. */
  pronunciations: Pronunciations.optional(),
});
export type Take = z.infer<typeof Take>;
