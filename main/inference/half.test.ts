import { expect, it } from 'vitest';
import { halfBits } from './half';

it.each([
  [0, 0],
  [1, 0x3c00],
  [-2, 0xc000],
  [65_504, 0x7bff],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [1 / 3, 0x3555],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [3 * 2 ** -25, 0x0002],
])('%d in half precision', (value, bits) => {
  expect(halfBits(value)).toBe(bits);
});

it('has no number beyond 65,504', () => {
  expect(() => halfBits(65_536)).toThrow('too large');
});
