import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviations, type WorkedCase } from './vectors';

const file = new URL('../../tests/data/pcg.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: WorkedCase[] };

describe('worked numbers', () => {
  it.each(cases.map((one, i) => [i + 1, one] as const))('case %i agrees to 1e-6', (_, one) => {
    for (const [field, deviation] of Object.entries(deviations(one))) {
      expect(deviation, field).toBeLessThan(1e-6);
    }
  });

  it('a wrong number is seen in its own field', () => {
    const [one] = cases;
    const wrong = { ...one, token_marginal: one.token_marginal.map((v, i) => v + (i ? 0 : 1e-3)) };
    expect(deviations(wrong).token_marginal).toBeGreaterThan(9e-4);
    const groups = one.groups.map((group, k) => (k === 0 ? [0, 1] : group));
    expect(deviations({ ...one, groups }).groups).toBe(Number.POSITIVE_INFINITY);
  });
});
