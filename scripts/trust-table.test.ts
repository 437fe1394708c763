import { expect, it } from 'vitest';
import { trustRows, withTrustRows } from './trust-table.mjs';

const figure = (threat: string, survived = 2) => ({
  threat,
  tried: 3,
  survived,
  figure: 'longest 4 ms',
});
const PAGE = 'Before.\n\n<!-- npm run trust -->\n<!-- /npm run trust -->\n\nAfter.\n';

const rowsOf = (page: string) => page.split('\n').filter((line) => line.startsWith('| '));

it('has a row for each figure, and says where it was made', () => {
  const page = withTrustRows(PAGE, trustRows([figure('a | b')]), 'two cores');
  expect(page).toContain('on two cores.');
  expect(rowsOf(page).at(-1)).toBe('| a \\| b | 3 | 2 | longest 4 ms |');
  expect(page.startsWith('Before.') && page.endsWith('After.\n')).toBe(true);
});

it('replaces a row about the same, and keeps the others', () => {
  const once = withTrustRows(PAGE, trustRows([figure('a | b'), figure('c')]), 'two cores');
  const twice = withTrustRows(once, trustRows([figure('a | b', 3), figure('d')]), 'two cores');
  expect(rowsOf(twice).slice(2)).toEqual([
    '| a \\| b | 3 | 3 | longest 4 ms |',
    '| c | 3 | 2 | longest 4 ms |',
    '| d | 3 | 2 | longest 4 ms |',
  ]);
});

it('wants a page with a place for the table', () => {
  expect(() => withTrustRows('no marks', new Map(), 'two cores')).toThrow('no place');
});
