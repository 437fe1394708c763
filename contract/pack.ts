import { z } from 'zod';

export const Voice = z.object({
  name: z.string(),
  description: z.string(),
});
export type Voice = z.infer<typeof Voice>;

/** Group sizes at one θ, over all tokens of the codebook. */
export const GroupSummary = z.object({
  theta: z.number(),
  meanSize: z.number(),
  medianSize: z.number(),
  singletons: z.number().int(),
  /** Bytes of the neighbour ids used at this θ. */
  bytes: z.number().int(),
});
export type GroupSummary = z.infer<typeof GroupSummary>;

/** What the window shows of a loaded voice pack. */
export const PackSummary = z.object({
  id: z.string(),
  /** Of its manifest: takes name it, so that tokens are never read by another codebook. */
  sha256: z.string(),
  name: z.string(),
  licence: z.string(),
  sampleRate: z.number().int().positive(),
  /** Acoustic tokens a second. */
  frameRate: z.number().positive(),
  codebookSize: z.number().int().positive(),
  voices: z.array(Voice).min(1),
  /** Names of what can be asked for beside the usual pace; none where the pack has that alone. */
  paces: z.array(z.string()).optional(),
  /** Lowest θ that the neighbour table reaches (θ₀). */
  thetaFloor: z.number(),
  defaults: z.object({
    theta: z.number(),
    lookahead: z.number().int(),
    temperature: z.number(),
    topP: z.number(),
  }),
  /** By rising θ, from the floor to 1 in steps of 0.01, so that a slider needs no round trip. */
  groups: z.array(GroupSummary),
});
export type PackSummary = z.infer<typeof PackSummary>;

/** A member of an acoustic similarity group. */
export const GroupMember = z.object({ token: z.number().int(), cosine: z.number() });
export type GroupMember = z.infer<typeof GroupMember>;
