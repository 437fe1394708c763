import { expect, it } from 'vitest';
import { areFinite } from './finite';

it('finds one number that is none, wherever it stands', () => {
  for (let length = 1; length <= 9; length++) {
    for (let at = 0; at < length; at++) {
      for (const none of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const numbers = new Float32Array(length).fill(-3e38);
        expect(areFinite(numbers)).toBe(true);
        numbers[at] = none;
        expect(areFinite(numbers)).toBe(false);
        expect(areFinite(numbers, at + 1)).toBe(true);
      }
    }
  }
});
