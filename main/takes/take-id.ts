import { FailureError } from '../../contract/failure';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * A moment as files keep it: ISO 8601 in UTC, with a year of four digits. Throws a `runtime` failure
 * for a year that has none.
 */
export function timestamp(now: Date): string {
  const year = now.getUTCFullYear();
  if (year >= 0 && year <= 9999) return now.toISOString();
  throw new FailureError(
    'runtime',
    `The clock of this computer says a year that cannot be kept (${year}): set it right, then try again.`,
  );
}

/** An id that sorts by time, such as `20260102-150405-abcd`; UTC. Throws as `timestamp` does. */
export function takeId(now: Date, random: () => number): string {
  const [date, time] = timestamp(now).replace(/[-:]/g, '').slice(0, 15).split('T');
  const letter = () => LETTERS[Math.floor(random() * LETTERS.length)];
  return `${date}-${time}-${letter()}${letter()}${letter()}${letter()}`;
}
