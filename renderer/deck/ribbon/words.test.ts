import { describe, expect, it } from 'vitest';
import type { JudgedDraft, Round } from '../../../contract/rounds';
import { RibbonCells } from './cells';
import { sentenceOf, showRatio, spokenWords, verdictOf } from './words';

const draft = (part: Partial<JudgedDraft>): JudgedDraft => ({
  token: 11,
  accepted: true,
  byToken: true,
  byGroup: true,
  ratio: 0.084,
  massRatio: 1.2,
  group: 12,
  groupSize: 75,
  ...part,
});

const round: Round = {
  piece: 0,
  frame: 50,
  judged: [draft({}), draft({ token: 13, accepted: false, byToken: true, byGroup: false })],
  ignored: [],
  drawn: { token: 14, kind: 'recovered' },
  ended: false,
};

describe('verdictOf', () => {
  it('says for each outcome which rule keeps the draft', () => {
    const verdicts = [
      draft({}),
      draft({ byToken: false }),
      draft({ byGroup: false }),
      draft({ accepted: false, byToken: false, byGroup: false }),
      draft({ accepted: false, byGroup: false }),
      draft({ accepted: false, byToken: false }),
    ].map(verdictOf);
    expect(verdicts).toEqual([
      'Kept: both rules keep it.',
      'Kept by the group alone: the exact rule would have refused it.',
      'Kept by the exact rule: the group rule would have refused it.',
      'Rejected: both rules refuse it.',
      'Rejected by the group rule: the exact rule alone would have kept it.',
      'Rejected by the exact rule: the group would have kept it.',
    ]);
  });
});

describe('an inspected place', () => {
  const cells = new RibbonCells(false);
  cells.append([round]);
  const detail = cells.detail(51)!;

  it('is the recovered token, or the draft that was rejected below it', () => {
    expect(sentenceOf(detail, { frame: 51, part: 'token' })).toMatch(/^Recovered/);
    expect(sentenceOf(detail, { frame: 51, part: 'rejected' })).toMatch(/^Rejected by the group/);
  });

  it('is read out with everything that is shown', () => {
    expect(spokenWords(detail, { frame: 51, part: 'rejected' }, 50)).toBe(
      'Frame 51, 1.02 seconds, rejected draft 13. Rejected by the group rule: the exact rule alone would have kept it. p over q 0.08, group mass ratio 1.20, group of 75.',
    );
    expect(spokenWords(detail, { frame: 51, part: 'token' }, 50)).toMatch(
      /token 14\..*A rejected draft is below\.$/,
    );
  });
});

it('writes ratios that are tiny, plain, large or unbounded', () => {
  expect([0, 0.00012, 0.5, 12.345, 1234.5, Number.POSITIVE_INFINITY].map(showRatio)).toEqual([
    '0.00',
    '1.2e-4',
    '0.50',
    '12.35',
    '1,235',
    '∞',
  ]);
});
