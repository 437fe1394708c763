import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisons, planTrials, type TrialPlan } from './design';

const twenty = { trials: 20, items: 16, conditions: 2 };
const real = (trials: TrialPlan[]) => trials.filter(({ isControl }) => !isControl);

describe('the trials of a test', () => {
  it('are 16 comparisons and 4 controls of 20, in the order of their seed alone', () => {
    const trials = planTrials('preference', twenty, 5);
    expect(trials).toHaveLength(20);
    expect(real(trials)).toHaveLength(16);
    expect(planTrials('preference', twenty, 5)).toEqual(trials);
    expect(planTrials('preference', twenty, 6)).not.toEqual(trials);
  });

  it('play a control against itself, each condition as often', () => {
    const controls = planTrials('cmos', twenty, 1).filter(({ isControl }) => isControl);
    expect(controls.map(({ order }) => order.join('')).sort()).toEqual(['00', '00', '11', '11']);
  });

  it('use every item as often as any other, give or take one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        (trials, items, seed) => {
          const compared = real(planTrials('preference', { trials, items, conditions: 2 }, seed));
          expect(compared).toHaveLength(comparisons('preference', trials));
          const counts = Array.from(
            { length: items },
            (_, item) => compared.filter((trial) => trial.item === item).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('put either sound first half of the time, whatever came before', () => {
    const orders = Array.from({ length: 200 }, (_, seed) => real(planTrials('cmos', twenty, seed)))
      .flat()
      .map(({ order }) => order[0]);
    const share = orders.filter((first) => first === 1).length / orders.length;
    // 3,200 fair draws: four standard deviations are 0.035.
    expect(Math.abs(share - 0.5)).toBeLessThan(0.035);
    const repeats = orders.filter((first, i) => i > 0 && first === orders[i - 1]).length;
    expect(Math.abs(repeats / orders.length - 0.5)).toBeLessThan(0.035);
  });

  it('of ABX make X either of the two', () => {
    const trials = planTrials('abx', { trials: 200, items: 3, conditions: 2 }, 3);
    const xs = real(trials).map(({ order: [first, , x] }) => x === first);
    expect(new Set(xs)).toEqual(new Set([true, false]));
    const control = trials.find(({ isControl }) => isControl);
    expect(new Set(control?.order).size).toBe(1);
  });

  it('of a MUSHRA-like test hold every condition and the anchor once', () => {
    const trials = planTrials('mushra', { trials: 20, items: 20, conditions: 4 }, 9);
    for (const { order, isControl } of trials) {
      expect(isControl).toBe(false);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    }
  });
});
