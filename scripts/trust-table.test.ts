import { describe, expect, it } from 'vitest';
import { trustTable, withTrustTable } from './trust-table.mjs';

const FIGURES = [{ threat: 'a | b', tried: 3, survived: 2, figure: 'longest 4 ms' }];
const PAGE = 'Before.\n\n<!-- npm run trust -->\nold\n<!-- /npm run trust -->\n\nAfter.\n';

describe('the table of docs/trust.md', () => {
  it('has a row for each figure, and says where it was made', () => {
    const table = trustTable(FIGURES, 'two cores');
    expect(table).toContain('on two cores.');
    expect(table.split('\n').at(-1)).toBe('| a \\| b | 3 | 2 | longest 4 ms |');
  });

  it('replaces the last one and nothing else of the page', () => {
    expect(withTrustTable(PAGE, 'new')).toBe(PAGE.replace('old', 'new'));
    expect(() => withTrustTable('no marks', 'new')).toThrow('no place');
  });
});
