import { z } from 'zod';

/** What went wrong, as data: `message` is one sentence a user can act on. */
export const Failure = z.object({
  kind: z.enum(['usage', 'text', 'pack', 'runtime', 'storage', 'cancelled']),
  message: z.string(),
});
export type Failure = z.infer<typeof Failure>;

/** A failure on its way up the stack; it crosses processes as its `failure`. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(kind: Failure['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FailureError';
    this.failure = { kind, message };
  }
}

/** Any thrown value as a failure; what nobody foresaw is the runtime's. */
export function toFailure(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  return { kind: 'runtime', message: error instanceof Error ? error.message : String(error) };
}
