import { z } from 'zod';
import { MAX_MESSAGE_LENGTH, oneSentence } from './sentence';

/** What went wrong, as data: `message` is one sentence a user can act on. */
export const Failure = z.object({
  kind: z.enum(['usage', 'text', 'pack', 'runtime', 'storage', 'cancelled']),
  message: z.string().max(MAX_MESSAGE_LENGTH),
});
export type Failure = z.infer<typeof Failure>;

/** A failure on its way up the stack; it crosses processes as its `failure`. */
export class FailureError extends Error {
  readonly failure: Failure;

  /** Of `message`, one line without control characters is kept, shortened in its middle. */
  constructor(kind: Failure['kind'], message: string, options?: ErrorOptions) {
    const sentence = oneSentence(message);
    super(sentence, options);
    this.name = 'FailureError';
    this.failure = { kind, message: sentence };
  }
}

/** Any thrown value as a failure; what nobody foresaw is the runtime's. */
export function toFailure(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    const where = issue.path.join('.') || 'a value';
    return new FailureError('runtime', `${where} cannot be used: ${issue.message}.`).failure;
  }
  return new FailureError('runtime', wordsOf(error)).failure;
}

function wordsOf(error: unknown): string {
  // What libraries say further down is for their makers.
  if (error instanceof Error && error.message !== '') return error.message.trim().split('\n', 1)[0];
  try {
    return String(error);
  } catch {
    // An object may refuse to become a string.
    return 'Something went wrong that has no name.';
  }
}
