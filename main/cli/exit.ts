import { z } from 'zod';
import type { Failure } from '../../contract/failure';
import { oneSentence } from '../../contract/sentence';

/** Exit codes of every command: what is wrong with the call, the pack, or the machine. */
const EXIT_CODES: Record<Failure['kind'], number> = {
  usage: 2,
  text: 2,
  pack: 3,
  runtime: 4,
  storage: 4,
  cancelled: 130,
};

/** Tells the user something beside the result, on a line of its own. */
export function say(message: string): void {
  console.error(oneSentence(message));
}

/** Ends the command with its one sentence. */
export function fail(kind: Failure['kind'], message: string): never {
  say(message);
  process.exit(EXIT_CODES[kind]);
}

/** The first thing wrong, on one line. */
export function sentence(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue.path.join('.') || 'the whole'}: ${issue.message}.`;
  }
  return error instanceof Error ? error.message.split('\n')[0] : String(error);
}
