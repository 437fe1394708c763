import { describe, expect, it } from 'vitest';
import { exactRule } from './acceptance';
import { coarseDistribution, overlap } from './coarse';
import { drawFrom } from './distribution';
import { groupsAt } from './groups';
import { buildNeighbours } from './neighbours';
import { seededUniform } from './random';
import { WhatIf } from './what-if';

const V = 24;
const DRAWS = 60_000;
const THETAS = [-0.2, 0.3, 0.6, 0.9, 1];

function distribution(seed: number, sharpness: number): Float64Array {
  const uniform = seededUniform(seed);
  const weights = Float64Array.from({ length: V }, () => uniform() ** sharpness);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

describe('WhatIf', () => {
  const uniform = seededUniform(3);
  const values = Array.from({ length: (V - 1) * 3 }, () => uniform() - 0.5);
  const table = buildNeighbours({ tokens: V - 1, width: 3, values }, -1);
  const groups = THETAS.map((theta) => groupsAt(table, theta, V));

  it('finds α of the coarse-grained rule at each threshold from drafts judged by another rule', () => {
    const [p, q] = [distribution(1, 3), distribution(2, 3)];
    const whatIf = new WhatIf(groups);
    const rule = whatIf.watch(exactRule(groups[4]));
    const draw = seededUniform(9);
    for (let i = 0; i < DRAWS; i++) rule.judge(drawFrom(q, draw()), p, q, draw);
    const sums = whatIf.take();
    THETAS.forEach((_, i) => {
      const alpha = overlap(coarseDistribution(p, groups[i]), coarseDistribution(q, groups[i]));
      expect(Math.abs(sums[i] / DRAWS - alpha)).toBeLessThan(0.02);
    });
    expect(sums[0]).toBeGreaterThan(sums[4]);
    expect(whatIf.take()).toEqual([0, 0, 0, 0, 0]);
  });

  it('keeps everything where both models agree, and changes no verdict', () => {
    const p = distribution(5, 2);
    const whatIf = new WhatIf(groups);
    const plain = exactRule(groups[1]);
    const watched = whatIf.watch(exactRule(groups[1]));
    const [one, other] = [seededUniform(4), seededUniform(4)];
    const q = distribution(6, 2);
    for (let i = 0; i < 200; i++) {
      const x = i % V;
      expect(watched.judge(x, p, q, one)).toEqual(plain.judge(x, p, q, other));
    }
    whatIf.take();
    watched.judge(3, p, p, one);
    for (const sum of whatIf.take()) expect(sum).toBeCloseTo(1, 9);
  });
});
