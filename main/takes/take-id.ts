const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** An id that sorts by time, such as `20260102-150405-abcd`; UTC. */
export function takeId(now: Date, random: () => number): string {
  const [date, time] = now.toISOString().replace(/[-:]/g, '').slice(0, 15).split('T');
  const letter = () => LETTERS[Math.floor(random() * LETTERS.length)];
  return `${date}-${time}-${letter()}${letter()}${letter()}${letter()}`;
}
