import { z } from 'zod';
import { MAX_TEXT_LENGTH, SpeakSettings } from './settings';
import { Take } from './take';

/** What is asked of the listener in every trial of a test. */
export const ListeningKind = z.enum(['preference', 'cmos', 'abx', 'mushra']);
export type ListeningKind = z.infer<typeof ListeningKind>;

/** The fewest and most conditions made or chosen; a MUSHRA-like test adds its anchor. */
export const CONDITION_LIMITS = {
  preference: { min: 2, max: 2 },
  cmos: { min: 2, max: 2 },
  abx: { min: 2, max: 2 },
  mushra: { min: 2, max: 4 },
} as const satisfies Record<ListeningKind, { min: number; max: number }>;

/** Of all trials, those that play one sound against itself; a MUSHRA-like test has its reference. */
export const CONTROL_SHARE = 0.2;
export const USUAL_TRIALS = 20;
export const TRIAL_LIMITS = { min: 5, max: 200 } as const;

const take = Take.shape.id;

/** Where the sounds of a test come from; a row or a list has one entry a condition. */
export const ListeningSource = z.discriminatedUnion('from', [
  /** Rows of takes of one text. Where there are fewer rows than trials, rows come again. */
  z.object({
    from: z.literal('takes'),
    rows: z.array(z.array(take).min(2).max(4)).min(1).max(500),
  }),
  /** Every trial has takes of its own, with a seed of their own; what is missing is generated. */
  z.object({
    from: z.literal('sentences'),
    sentences: z.array(z.string().trim().min(1).max(MAX_TEXT_LENGTH)).min(1).max(500),
    settings: z.array(SpeakSettings).min(2).max(4),
  }),
]);
export type ListeningSource = z.infer<typeof ListeningSource>;

export const ListeningRequest = z.object({
  kind: ListeningKind,
  /** All that the listener will be asked, controls included. */
  trials: z.number().int().min(TRIAL_LIMITS.min).max(TRIAL_LIMITS.max),
  source: ListeningSource,
});
export type ListeningRequest = z.infer<typeof ListeningRequest>;

/** Where a test stands. */
export const ListeningState = z.discriminatedUnion('status', [
  /** `problem` says why it stopped, in a sentence; it can go on. */
  z.object({
    status: z.literal('preparing'),
    isRunning: z.boolean(),
    made: z.number().int().nonnegative(),
    takes: z.number().int().positive(),
    problem: z.string().nullable(),
  }),
  z.object({ status: z.literal('running'), answered: z.number().int().nonnegative() }),
  z.object({ status: z.literal('finished') }),
]);
export type ListeningState = z.infer<typeof ListeningState>;

/** A test as the window lists it: nothing here tells a listener what is what. */
export const ListeningSummary = z.object({
  id: take,
  kind: ListeningKind,
  createdAt: z.iso.datetime(),
  /** What is compared, in words. */
  conditions: z.array(z.string()),
  trials: z.number().int().positive(),
  state: ListeningState,
});
export type ListeningSummary = z.infer<typeof ListeningSummary>;

const samples = z.custom<Float32Array>((value) => value instanceof Float32Array);
const Sound = z.object({ sampleRate: z.number(), samples });

/** What a listener gets to hear: sounds in playing order, equally loud, without their names. */
export const ListeningTrial = z.object({
  kind: ListeningKind,
  /** From 0; trials are answered in order. */
  number: z.number().int().nonnegative(),
  trials: z.number().int().positive(),
  text: z.string(),
  sounds: z.array(Sound),
  /** The open reference of a MUSHRA-like test. */
  reference: Sound.nullable(),
});
export type ListeningTrial = z.infer<typeof ListeningTrial>;

/** The largest step of a comparison mean opinion score. */
export const CMOS_LIMIT = 3;

/** First and second are places in the trial's playing order, never conditions. */
export const ListeningAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('preference'), choice: z.enum(['first', 'second', 'none']) }),
  /** The second sound compared with the first: +3 is much better. */
  z.object({
    kind: z.literal('cmos'),
    score: z.number().int().min(-CMOS_LIMIT).max(CMOS_LIMIT),
  }),
  /** Which of the first two the third one is. */
  z.object({ kind: z.literal('abx'), choice: z.enum(['first', 'second']) }),
  /** From 0 to 100, in playing order. */
  z.object({
    kind: z.literal('mushra'),
    ratings: z.array(z.number().int().min(0).max(100)).min(3).max(5),
  }),
]);
export type ListeningAnswer = z.infer<typeof ListeningAnswer>;

const count = z.number().int().nonnegative();

/** An exact two-sided binomial test against one half, with its 95 % interval (Clopper–Pearson). */
export const Proportion = z.object({
  /** What was counted, in words. */
  of: z.string(),
  successes: count,
  trials: count,
  p: z.number(),
  low: z.number(),
  high: z.number(),
});
export type Proportion = z.infer<typeof Proportion>;

/** A mean with its 95 % interval (Student's t); null bounds where one answer has none. */
export const MeanScore = z.object({
  of: z.string(),
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  answers: count,
});
export type MeanScore = z.infer<typeof MeanScore>;

/** A value on an axis with its interval. */
export const PlotRow = z.object({
  label: z.string(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
});

export const ListeningResult = z.object({
  id: take,
  kind: ListeningKind,
  seed: z.number().int(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** By letter, A first. */
  conditions: z.array(z.string()),
  trials: count,
  /** What was found, in one sentence. */
  headline: z.string(),
  /** What it does and does not say. */
  notes: z.array(z.string()),
  counts: z.array(z.object({ name: z.string(), count })),
  proportions: z.array(Proportion),
  means: z.array(MeanScore),
  /** The listener's consistency on controls, in a sentence. */
  controls: z.string(),
  sentences: z.object({
    columns: z.array(z.string()),
    rows: z.array(z.object({ text: z.string(), values: z.array(z.number().nullable()) })),
  }),
  plot: z.object({
    axis: z.string(),
    from: z.number(),
    to: z.number(),
    /** Where no difference lies; null where there is no such place. */
    even: z.number().nullable(),
    rows: z.array(PlotRow),
  }),
});
export type ListeningResult = z.infer<typeof ListeningResult>;
