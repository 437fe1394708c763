import { z } from 'zod';
import { Pronunciations } from './pronunciation';
import { MAX_TEXT_LENGTH, SpeakSettings } from './settings';
import { Take } from './take';

export const MAX_LINES = 10_000;

/** Lines that cross at once: more would keep main or the page away from their work. */
export const LINES_AT_ONCE = 200;

/** Why a take should be listened to before it is used. */
export const Suspicion = z.enum(['didNotStop', 'silence', 'length', 'clipped']);
export type Suspicion = z.infer<typeof Suspicion>;

/** Each kind once, and room for more kinds. */
const MAX_SUSPICIONS = 100;

/** A take of a line, with all that makes it again when its sound is lost. */
export const LineTake = z.object({
  take: Take.shape.id,
  text: z.string().max(MAX_TEXT_LENGTH),
  settings: SpeakSettings,
  /** Of its sound. */
  seconds: z.number().nonnegative(),
  suspicions: z.array(Suspicion).max(MAX_SUSPICIONS),
});
export type LineTake = z.infer<typeof LineTake>;

/** Of a line; and of what older versions kept as its sentence. */
const MAX_TAKES = 10_000;
const MAX_PROBLEM_LENGTH = 10_000;

export const Line = z.object({
  id: z.uuid(),
  text: z.string().max(MAX_TEXT_LENGTH),
  /** For its next take; the seed is the next take's too. */
  settings: SpeakSettings,
  /** Oldest first. */
  takes: z.array(LineTake).max(MAX_TAKES),
  /** The take that is exported; null until there is one. */
  chosen: Take.shape.id.nullable(),
  /** Why the last attempt at a take failed, in one sentence. */
  problem: z.string().max(MAX_PROBLEM_LENGTH).nullable(),
});
export type Line = z.infer<typeof Line>;

/** What a project's file holds. */
export const Project = z.object({
  schema: z.literal(1),
  pronunciations: Pronunciations,
  lines: z.array(Line).max(MAX_LINES),
});
export type Project = z.infer<typeof Project>;

/** A project as it was found when it was opened. */
export const OpenedProject = z.object({
  path: z.string(),
  /** Of its file, without the folder and the extension. */
  name: z.string(),
  /** How many it has; they are read apart, some at a time. */
  lines: z.number().int().nonnegative(),
  pronunciations: Pronunciations,
  /** What the user should know, such as that a backup took the place of a damaged file. */
  notice: z.string().nullable(),
});
export type OpenedProject = z.infer<typeof OpenedProject>;

/** A line to add; null keeps what new lines get. */
export const ImportedLine = z.object({
  text: z.string().min(1).max(MAX_TEXT_LENGTH),
  voice: z.string().nullable(),
  seed: SpeakSettings.shape.seed.nullable(),
});
export type ImportedLine = z.infer<typeof ImportedLine>;

/** How the chosen takes of a project become files. */
export const LineExportSettings = z.object({
  /** One file a line, or all lines in one. */
  layout: z.enum(['files', 'joined']),
  /** Names of files, with {number}, {text}, {voice}, {seed} and {project}. */
  template: z.string().trim().min(1).max(200),
  /** Silence between two lines of a joined file. */
  gapSeconds: z.number().min(0).max(30),
  /** Whether a CSV of the lines goes beside the sound. */
  table: z.boolean(),
});
export type LineExportSettings = z.infer<typeof LineExportSettings>;

export const DEFAULT_LINE_EXPORT: LineExportSettings = {
  layout: 'files',
  template: '{number} {text}',
  gapSeconds: 0.5,
  table: true,
};

/** A take of a line that was generated to its end. */
export const SpokenLine = z.object({
  take: Take,
  seconds: z.number().nonnegative(),
  suspicions: z.array(Suspicion),
});
export type SpokenLine = z.infer<typeof SpokenLine>;

/** A project that was opened before, the latest first. */
export const RecentProject = z.object({ path: z.string(), name: z.string() });
export type RecentProject = z.infer<typeof RecentProject>;

/** What was written. Paths are absolute. */
export const LineExportReport = z.object({
  folder: z.string(),
  files: z.array(z.string()),
  table: z.string().nullable(),
  /** A sentence for each line that was left out. */
  leftOut: z.array(z.string()),
  /** What the user should know of the files, a sentence each. */
  notices: z.array(z.string()),
});
export type LineExportReport = z.infer<typeof LineExportReport>;
