import { describe, expect, it } from 'vitest';
import { proportion } from './statistics';
import { NOT_SIGNIFICANT, sayProportion, showP, showScore } from './words';

const says = { more: 'preferred B', fewer: 'preferred A', chance: 'chance' };
const say = (successes: number, trials: number) =>
  sayProportion(proportion('B', successes, trials), says);

describe('a share in words', () => {
  it('is told from its larger side, with p and the interval', () => {
    expect(say(13, 16)).toBe(
      '13 of 16 preferred B: unlikely to be chance (p = .021); interval 54–96 %',
    );
    expect(say(3, 16)).toBe(
      '13 of 16 preferred A: unlikely to be chance (p = .021); interval 54–96 %',
    );
    expect(say(12, 16)).toBe(
      '12 of 16 preferred B: chance alone could do this (p = .077); interval 48–93 %',
    );
    expect(say(8, 16)).toContain('8 of 16 preferred B: chance alone could do this (p = 1)');
  });

  it('is never called equal for want of significance', () => {
    for (let successes = 0; successes <= 16; successes++) {
      expect(`${say(successes, 16)} ${NOT_SIGNIFICANT}`).not.toMatch(/equal|same|no difference/i);
    }
  });
});

describe('figures', () => {
  it('are written as papers write them', () => {
    expect([0.0004, 0.0213, 0.5, 1].map(showP)).toEqual([
      'p < .001',
      'p = .021',
      'p = .500',
      'p = 1',
    ]);
    expect([1.234, -0.5, 0, -0.001].map(showScore)).toEqual(['+1.23', '−0.50', '0.00', '0.00']);
  });
});
