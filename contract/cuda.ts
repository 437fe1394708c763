import { z } from 'zod';
import { MAX_MESSAGE_LENGTH } from './sentence';

const bytes = z.number().nonnegative();
const problem = z.string().max(MAX_MESSAGE_LENGTH).nullable();

/** The libraries for NVIDIA's GPUs, which are fetched when the user asks for them. */
export const CudaState = z.discriminatedUnion('status', [
  /** There are none for this platform. */
  z.object({ status: z.literal('unsupported') }),
  z.object({
    status: z.literal('absent'),
    /** Where they would be fetched from. */
    host: z.string(),
    downloadBytes: bytes,
    installedBytes: bytes,
    /** Why the last try failed, in a sentence. */
    problem,
  }),
  z.object({ status: z.literal('fetching'), host: z.string(), fraction: z.number().min(0).max(1) }),
  z.object({
    status: z.literal('present'),
    installedBytes: bytes,
    /** Whether they were there when the app started, which is when it looks for them. */
    isOffered: z.boolean(),
    problem,
  }),
]);
export type CudaState = z.infer<typeof CudaState>;
