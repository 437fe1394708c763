import cdf from '@stdlib/stats-base-dists-chisquare-cdf';

/**
 * p-value of Pearson's χ² test that `counts` were drawn from `expected` (probabilities). Cells that
 * expect fewer than 5 draws are pooled, as the test's approximation asks.
 */
export function chiSquarePValue(counts: ArrayLike<number>, expected: ArrayLike<number>): number {
  const draws = Array.from(counts).reduce((sum, count) => sum + count, 0);
  let statistic = 0;
  let cells = 0;
  let pooledCount = 0;
  let pooledExpected = 0;
  const add = (count: number, mean: number) => {
    statistic += (count - mean) ** 2 / mean;
    cells++;
  };
  for (let i = 0; i < counts.length; i++) {
    const mean = expected[i] * draws;
    if (mean >= 5) add(counts[i], mean);
    else {
      pooledCount += counts[i];
      pooledExpected += mean;
    }
  }
  if (pooledExpected >= 5) add(pooledCount, pooledExpected);
  else if (pooledExpected === 0 && pooledCount > 0) return 0;
  return 1 - cdf(statistic, cells - 1);
}
