import { describe, expect, it } from 'vitest';
import { withBlock } from './marked-block';

describe('a marked block', () => {
  const page = withBlock('# Figures\n\nOf machines.\n', 'one', 'first');

  it('goes behind what a page has', () => {
    expect(page).toBe('# Figures\n\nOf machines.\n\n<!-- bench: one -->\nfirst\n<!-- /bench -->\n');
  });

  it('takes the place of the one of its name alone', () => {
    const both = withBlock(page, 'two', 'second');
    const renewed = withBlock(both, 'one', 'third $& 1');
    expect(renewed).toBe(both.replace('first', () => 'third $& 1'));
  });

  it('is not begun twice where one does not end', () => {
    expect(() => withBlock('<!-- bench: one -->\nfirst', 'one', 'x')).toThrow('does not end');
  });
});
