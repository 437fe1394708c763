import binomialTest from '@stdlib/stats-binomial-test';
import ttest from '@stdlib/stats-ttest';
import type { MeanScore, Proportion } from '../../contract/listening';

/** Exact two-sided binomial test against one half. Throws a `RangeError` for no trials. */
export function proportion(of: string, successes: number, trials: number): Proportion {
  if (trials === 0) throw new RangeError('A share of no trials has no meaning.');
  const { pValue, ci } = binomialTest(successes, trials);
  return { of, successes, trials, p: Math.min(1, pValue), low: ci[0], high: ci[1] };
}

/** Mean with its 95 % interval by Student's t; scores all alike have no spread to tell it from. */
export function meanScore(of: string, scores: readonly number[]): MeanScore {
  const answers = scores.length;
  const mean = answers === 0 ? 0 : scores.reduce((sum, score) => sum + score, 0) / answers;
  if (new Set(scores).size < 2) return { of, mean, low: null, high: null, answers };
  const { ci } = ttest([...scores]);
  return { of, mean, low: ci[0], high: ci[1], answers };
}
