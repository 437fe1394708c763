import type { Spread } from '../summary';

/** A table in Markdown. Every row has as many cells as the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

export const number = (value: number | null, digits: number): string =>
  value === null || !Number.isFinite(value) ? '–' : value.toFixed(digits);

export const percent = (part: number | null): string =>
  part === null || !Number.isFinite(part) ? '–' : `${(100 * part).toFixed(0)} %`;

/** Median, and least and most in brackets. */
export const range = ({ median, least, most }: Spread, digits: number): string =>
  `${number(median, digits)} (${number(least, digits)}–${number(most, digits)})`;
