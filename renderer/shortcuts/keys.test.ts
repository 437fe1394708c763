import { expect, test } from 'vitest';
import { ariaKeys, showKeys } from './keys';

test.each([
  ['$mod+Enter', 'Ctrl+Enter'],
  ['$mod+Shift+Enter', 'Ctrl+Shift+Enter'],
  ['Alt+KeyV', 'Alt+V'],
  ['KeyA', 'A'],
  ['Shift+?', '?'],
  ['Shift+F6', 'Shift+F6'],
  ['Escape', 'Esc'],
])('%s is shown as %s', (keys, shown) => {
  expect(showKeys(keys)).toBe(shown);
});

test.each([
  ['$mod+KeyE', 'Control+E'],
  ['Alt+Shift+KeyF', 'Alt+Shift+F'],
  ['Digit1', '1'],
  ['F2', 'F2'],
])('%s is announced as %s', (keys, announced) => {
  expect(ariaKeys(keys)).toBe(announced);
});
