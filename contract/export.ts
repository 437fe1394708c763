import { z } from 'zod';

/** How a take is written as a WAV file. */
export const ExportSettings = z.object({
  format: z.enum(['int16', 'int24', 'float32']),
  /** `native` keeps the pack's rate. */
  sampleRate: z.union([z.literal('native'), z.literal(44_100), z.literal(48_000)]),
  /** Integrated loudness to reach, in LUFS; null leaves the level alone. */
  loudness: z.number().min(-40).max(-5).nullable(),
  /** Ceiling for the true peak, in dBTP; gain stops there. */
  truePeak: z.number().min(-12).max(0),
});
export type ExportSettings = z.infer<typeof ExportSettings>;

/** What the file holds, measured by reading it back. */
export const ExportReport = z.object({
  path: z.string(),
  sidecar: z.string(),
  sampleRate: z.number().int(),
  bits: z.number().int(),
  seconds: z.number(),
  /** Null when the take is too short (under 400 ms) or silent. */
  loudness: z.number().nullable(),
  truePeak: z.number(),
  /** Something the user should know, such as a target that the ceiling did not allow. */
  notice: z.string().nullable(),
});
export type ExportReport = z.infer<typeof ExportReport>;
