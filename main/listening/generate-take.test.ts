import { expect, it } from 'vitest';
import type { Take } from '../../contract/take';
import { exampleTake } from '../takes/testing/examples';
import { generateTake } from './generate-take';
import { exampleSettings } from './testing/example-source';

/** A queue whose next take ends when told, or when it is cancelled. */
function queue() {
  let end: (take: Take) => void = () => {};
  const cancelled: string[] = [];
  return {
    jobs: {
      run: () => new Promise<Take>((resolve) => (end = resolve)),
      cancel: (job: string) => {
        cancelled.push(job);
        end(exampleTake({ status: 'cancelled' }));
      },
    },
    cancelled,
    end: (take: Take) => end(take),
  };
}

it('resolves with a finished take, and lets no later abort reach the queue', async () => {
  const { jobs, end, cancelled } = queue();
  const abort = new AbortController();
  const take = generateTake(jobs, 'One.', exampleSettings, abort.signal);
  end(exampleTake());
  expect((await take).status).toBe('finished');
  abort.abort();
  expect(cancelled).toEqual([]);
});

it('cancels its own job when aborted', async () => {
  const { jobs, cancelled } = queue();
  const abort = new AbortController();
  const take = generateTake(jobs, 'One.', exampleSettings, abort.signal);
  abort.abort();
  await expect(take).rejects.toMatchObject({ failure: { kind: 'cancelled' } });
  expect(cancelled).toHaveLength(1);
});

it('says why a take failed', async () => {
  const { jobs, end } = queue();
  const take = generateTake(jobs, 'One.', exampleSettings, new AbortController().signal);
  end(exampleTake({ status: 'failed', problem: 'The engine stopped.' }));
  await expect(take).rejects.toThrow('The engine stopped.');
});
