import { expect, it } from 'vitest';
import { exactRule } from '../../main/decoding/acceptance';
import { groupStatistics, groupsAt } from '../../main/decoding/groups';
import { seededUniform } from '../../main/decoding/random';
import { replayedRule, typicalStarts } from './replayed-rule';
import { ringOf } from './ring';
import VERDICTS from './verdicts.json';

it('keeps and refuses as was recorded, from the start and round again', () => {
  const groups = groupsAt(ringOf(8, 3), 0.4);
  const p = new Float32Array(8).fill(1 / 8);
  const rule = replayedRule(exactRule(groups), '1101', 2);
  const uniform = seededUniform(1);
  const kept = Array.from({ length: 6 }, (_, i) => rule.judge(i, p, p, uniform).accepted);
  expect(kept).toEqual([false, true, true, true, false, true]);
  expect(rule.recover(p, p, uniform).token).toBeLessThan(8);
});

it('begins where what follows is typical', () => {
  expect(typicalStarts('110100', 2)).toEqual([1, 2, 3, 5]);
});

it('was recorded at an acceptance rate of 0.80', () => {
  const kept = [...VERDICTS.pcg].filter((verdict) => verdict === '1').length;
  expect(kept / VERDICTS.pcg.length).toBeCloseTo(0.8, 1);
  expect(VERDICTS.exact).toMatch(/^[01]{500,}$/);
});

it('has groups of any one size', () => {
  for (const size of [1, 3, 31, 301]) {
    const { meanSize, singletons } = groupStatistics(ringOf(512, size), 0.4);
    expect(meanSize).toBe(size);
    expect(singletons).toBe(size === 1 ? 512 : 0);
  }
});
