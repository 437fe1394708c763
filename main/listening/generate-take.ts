import { randomUUID } from 'node:crypto';
import { FailureError } from '../../contract/failure';
import type { SpeakSettings } from '../../contract/settings';
import type { Take } from '../../contract/take';
import type { Jobs } from '../jobs';

/** A finished take of a text, by way of the queue. Throws why there is none, or that it was cancelled. */
export async function generateTake(
  jobs: Pick<Jobs, 'run' | 'cancel'>,
  text: string,
  settings: SpeakSettings,
  signal: AbortSignal,
): Promise<Take> {
  const job = randomUUID();
  const cancel = () => jobs.cancel(job);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const take = await jobs.run({ text, settings, pair: null }, job);
    if (take.status === 'finished') return take;
    if (signal.aborted) throw new FailureError('cancelled', 'Cancelled.');
    throw new FailureError('runtime', take.problem ?? `The take of “${take.name}” was cancelled.`);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
