import { FailureError } from '../../contract/failure';
import type { SpeakSettings } from '../../contract/settings';
import type { Take } from '../../contract/take';
import type { Jobs } from '../jobs';
import type { TakeStore } from '../takes/store';

/** A finished take of a text, by way of the queue. Throws why there is none, or that it was cancelled. */
export async function generateTake(
  jobs: Pick<Jobs, 'enqueue' | 'cancel'>,
  takes: Pick<TakeStore, 'get' | 'onChanged'>,
  request: { text: string; settings: SpeakSettings },
  signal: AbortSignal,
): Promise<Take> {
  const { job, take: id } = await jobs.enqueue({ ...request, pair: null });
  const cancel = () => jobs.cancel(job);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const take = await ended(takes, id);
    if (take.status === 'finished') return take;
    if (signal.aborted) throw new FailureError('cancelled', 'Cancelled.');
    const why = take.problem ?? `The take of “${take.name}” was cancelled.`;
    throw new FailureError('runtime', why);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function ended(takes: Pick<TakeStore, 'get' | 'onChanged'>, id: string): Promise<Take> {
  return new Promise((resolve, reject) => {
    const look = () => {
      try {
        const take = takes.get(id);
        if (take.status === 'generating') return;
        resolve(take);
      } catch (error) {
        reject(error);
      }
      off();
    };
    const off = takes.onChanged(look);
    look();
  });
}
