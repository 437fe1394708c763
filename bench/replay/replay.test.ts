import { expect, it } from 'vitest';
import { exactRule } from '../../main/decoding/acceptance';
import { groupStatistics, groupsAt } from '../../main/decoding/groups';
import { AdaptiveLookahead } from '../../main/decoding/lookahead';
import { seededUniform } from '../../main/decoding/random';
import { expectedCosts } from '../../main/inference/expected-costs';
import type { Device } from '../../main/inference/messages';
import COSTS from '../../main/inference/testing/step-costs.json';
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

it.each(
  (['exact', 'pcg'] as const).flatMap((method) => COSTS.map((costs) => ({ method, ...costs }))),
)(
  '$method: adaptive lookahead with the recorded verdicts is never slower than plain decoding on $where',
  ({ method, device, layers, draft, pass }) => {
    const verdicts = VERDICTS[method];
    const [target, drafter] = [layers.target, layers.draft].map((count) => ({ layers: count }));
    let [tokens, ms] = [0, 0];
    // Takes of 300 tokens, each from another place of the recording.
    for (let take = 0; take < 40; take++) {
      const policy = new AdaptiveLookahead(expectedCosts(target, drafter, device as Device));
      let next = Math.floor(take * 0.618 * verdicts.length);
      const isKept = () => verdicts[next++ % verdicts.length] === '1';
      for (let committed = 0; committed < 300; ) {
        const lookahead = policy.next(60 + committed);
        let [judged, accepted] = [0, 0];
        while (judged < lookahead && judged === accepted) {
          judged++;
          if (isKept()) accepted++;
        }
        policy.observe({ accepted, judged });
        ms += pass[lookahead] + (lookahead === 0 ? 0 : draft[lookahead - 1]);
        committed += accepted + 1;
        tokens += accepted + 1;
      }
    }
    expect((tokens / ms) * pass[0]).toBeGreaterThan(method === 'pcg' ? 1.05 : 0.97);
  },
);
