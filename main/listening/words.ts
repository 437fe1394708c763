import type { Proportion } from '../../contract/listening';

/** As papers print it: p = .021, p < .001. */
export function showP(p: number): string {
  if (p < 0.001) return 'p < .001';
  if (p > 0.9995) return 'p = 1';
  return `p = ${p.toFixed(3).replace(/^0/, '')}`;
}

/** An interval of shares in whole per cent. */
export function showInterval({ low, high }: Pick<Proportion, 'low' | 'high'>): string {
  return `${Math.round(low * 100)}–${Math.round(high * 100)} %`;
}

/** A signed score with two digits; the minus is a minus. */
export function showScore(score: number): string {
  const size = Math.abs(score).toFixed(2);
  if (Number(size) === 0) return size;
  return `${score < 0 ? '−' : '+'}${size}`;
}

/** Of `found`, whose larger side is told: “13 of 16 preferred B: unlikely to be chance (…); …”. */
export function sayProportion(
  found: Proportion,
  says: { more: string; fewer: string; chance: string },
): string {
  const { successes, trials, p, low, high } = found;
  const isMore = 2 * successes >= trials;
  const counted = isMore ? successes : trials - successes;
  const interval = isMore ? { low, high } : { low: 1 - high, high: 1 - low };
  const verdict = p < 0.05 ? `unlikely to be ${says.chance}` : `${says.chance} alone could do this`;
  return `${counted} of ${trials} ${isMore ? says.more : says.fewer}: ${verdict} (${showP(p)}); interval ${showInterval(interval)}`;
}

export const NOT_SIGNIFICANT =
  'Not significant does not mean alike: the interval holds every share that these trials leave possible, and more trials would narrow it.';
