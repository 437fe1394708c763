import type { Child } from './child';

/** How work in a process that can be lost ended: with an answer, or without one. */
export type Apart<T> = { end: 'answer'; value: T } | { end: 'deadline' } | { end: 'death' };

/**
 * Has work done in a process that may crash or hang without harm, and ends that process, whatever comes
 * of it. `answer` reads what the process says, and gives undefined while more is to come.
 */
export function apart<Sent, Received, T>(
  child: Child<Sent, Received>,
  command: Sent,
  answer: (report: Received) => T | undefined,
  deadlineMs: number,
): Promise<Apart<T>> {
  let deadline: NodeJS.Timeout | undefined;
  return new Promise<Apart<T>>((resolve) => {
    deadline = setTimeout(() => resolve({ end: 'deadline' }), deadlineMs);
    child.onMessage((report) => {
      const value = answer(report);
      if (value !== undefined) resolve({ end: 'answer', value });
    });
    child.onClose(() => resolve({ end: 'death' }));
    child.post(command);
  }).finally(() => {
    clearTimeout(deadline);
    child.kill();
  });
}
