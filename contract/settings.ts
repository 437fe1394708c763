import { z } from 'zod';

/** How tokens are chosen. `plain` never drafts; `exact` and `pcg` are the paper's two rules. */
export const Method = z.enum(['plain', 'exact', 'pcg']);
export type Method = z.infer<typeof Method>;

/** The most characters one take may be asked to speak. */
export const MAX_TEXT_LENGTH = 20_000;
export const MAX_LOOKAHEAD = 8;

/** Tokens drafted a round (K): the same in every round, or chosen for each as it goes. */
export const Lookahead = z.union(
  [z.number().int().min(1).max(MAX_LOOKAHEAD), z.literal('adaptive')],
  { error: `expected a whole number from 1 to ${MAX_LOOKAHEAD} or adaptive` },
);
export type Lookahead = z.infer<typeof Lookahead>;

/** More than any codebook has. */
const MAX_TOP_K = 2 ** 31 - 1;

/** Of a voice or a pace; packs have shorter ones. */
const name = z.string().min(1).max(100);

/** Everything beside the text that decides which tokens a take consists of. */
export const SpeakSettings = z.object({
  voice: name,
  /** One of the pack's paces by its name; none is the usual one, which every pack has. */
  pace: name.optional(),
  method: Method,
  /** Cosine threshold of the acoustic similarity groups; the pack's floor θ₀ is checked by main. */
  theta: z.number().min(0).max(1),
  lookahead: Lookahead,
  /** 0 is greedy. */
  temperature: z.number().min(0).max(2),
  /** 0 keeps every token. */
  topK: z.number().int().min(0).max(MAX_TOP_K),
  /** 1 keeps every token. */
  topP: z.number().gt(0).max(1),
  /** 1 changes nothing. */
  repetitionPenalty: z.number().min(1).max(2),
  seed: z.number().int().min(0).max(0xffff_ffff),
});
export type SpeakSettings = z.infer<typeof SpeakSettings>;
