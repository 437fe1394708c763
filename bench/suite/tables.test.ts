import { expect, it } from 'vitest';
import { number, percent, range, table } from './tables';

it('writes tables in Markdown', () => {
  expect(table(['way', 'ms'], [['plain', '4']])).toBe(
    '| way | ms |\n| --- | ---: |\n| plain | 4 |',
  );
});

it('leaves a dash where there is no figure', () => {
  expect([number(null, 2), number(Number.NaN, 2), percent(null)]).toEqual(['–', '–', '–']);
  expect([number(1.234, 2), percent(0.125)]).toEqual(['1.23', '13 %']);
  expect(range({ median: 2, least: 1, most: 3 }, 1)).toBe('2.0 (1.0–3.0)');
});
