import { CONTROL_SHARE, type ListeningKind } from '../../contract/listening';
import { seededUniform, type Uniform } from '../decoding/random';

/** What one trial plays. */
export type TrialPlan = {
  /** Index of the item, a text with a take for each condition. */
  item: number;
  /** Plays one sound against itself. */
  isControl: boolean;
  /**
   * Indices of conditions in playing order. The third of an ABX trial is X; one past the last
   * condition is the anchor of a MUSHRA-like test.
   */
  order: number[];
};

/** How many of all trials compare different sounds; the others are controls. */
export function comparisons(kind: ListeningKind, trials: number): number {
  // There the hidden reference is rated against the open one in every trial.
  return kind === 'mushra' ? trials : trials - Math.round(CONTROL_SHARE * trials);
}

/**
 * The trials of a test, all drawn from one seed. Items come equally often, give or take one, in
 * shuffled order. Which sound comes first is an independent fair draw for every trial: that alone
 * makes one half the share of a listener who hears no difference, however much they favour a side.
 */
export function planTrials(
  kind: ListeningKind,
  size: { trials: number; items: number; conditions: number },
  seed: number,
): TrialPlan[] {
  const uniform = seededUniform(seed);
  const compared = comparisons(kind, size.trials);
  const items = shuffled(range(size.items), uniform);
  const real = range(compared).map((i) => ({
    item: items[i % items.length],
    isControl: false,
    order: drawOrder(kind, size.conditions, uniform),
  }));
  const firstControl = below(2, uniform);
  const controls = range(size.trials - compared).map((i) => {
    // Each condition stands against itself as often as the other.
    const condition = (firstControl + i) % 2;
    const sounds = kind === 'abx' ? 3 : 2;
    return {
      item: below(size.items, uniform),
      isControl: true,
      order: Array.from({ length: sounds }, () => condition),
    };
  });
  return shuffled([...real, ...controls], uniform);
}

function drawOrder(kind: ListeningKind, conditions: number, uniform: Uniform): number[] {
  switch (kind) {
    case 'preference':
    case 'cmos':
      return shuffled([0, 1], uniform);
    case 'abx':
      return [...shuffled([0, 1], uniform), below(2, uniform)];
    case 'mushra':
      return shuffled(range(conditions + 1), uniform);
  }
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], uniform: Uniform): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = below(last + 1, uniform);
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}

const below = (end: number, uniform: Uniform) => Math.floor(end * uniform());
const range = (length: number) => Array.from({ length }, (_, i) => i);
