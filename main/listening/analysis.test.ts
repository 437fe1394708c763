import { describe, expect, it } from 'vitest';
import type { ListeningAnswer, ListeningKind } from '../../contract/listening';
import { ABX_NOTE, analyse } from './analysis';
import type { TrialPlan } from './design';
import type { GivenAnswer, ListeningTest } from './listening-test';
import { planTest } from './plan-test';
import { exactAndPcg } from './testing/example-source';
import { NOT_SIGNIFICANT } from './words';

const SENTENCES = ['One.', 'Two.'];
const takeOf = () => {
  throw new Error('no takes here');
};

function testOf(kind: ListeningKind, trials = 20): ListeningTest {
  return planTest(
    { kind, trials, source: { from: 'sentences', sentences: SENTENCES, settings: exactAndPcg } },
    { id: '20260102-150405-abcd', createdAt: '2026-01-02T15:04:05.000Z', seed: 4 },
    takeOf,
  );
}

/** Answers every trial; `compare` is told how many comparisons came before. */
function answerAll(
  test: ListeningTest,
  compare: (trial: TrialPlan, number: number) => ListeningAnswer,
  control: ListeningAnswer,
): GivenAnswer[] {
  let compared = 0;
  return test.trials.map((trial) => ({
    answer: trial.isControl ? control : compare(trial, compared++),
    at: '2026-01-02T16:00:00.000Z',
    plays: [1, 1],
  }));
}

const prefer = (condition: number, { order }: TrialPlan): ListeningAnswer => ({
  kind: 'preference',
  choice: order[0] === condition ? 'first' : 'second',
});
const noPreference: ListeningAnswer = { kind: 'preference', choice: 'none' };

describe('paired preference', () => {
  it('of a listener who chooses B 13 times of 16, whatever the sides', () => {
    const test = testOf('preference');
    const answers = answerAll(test, (trial, i) => prefer(i < 13 ? 1 : 0, trial), noPreference);
    const result = analyse(test, answers);
    expect(result.headline).toBe(
      '13 of 16 preferred B: unlikely to be chance (p = .021); interval 54–96 %.',
    );
    expect(result.counts.map(({ count }) => count)).toEqual([3, 13, 0]);
    expect(result.controls).toContain('4 of 4 controls');
    expect(result.notes).not.toContain(NOT_SIGNIFICANT);
    expect(result.plot).toMatchObject({ even: 0.5, rows: [{ value: 13 / 16 }] });
    const [a, b] = [0, 1].map((column) =>
      result.sentences.rows.reduce((sum, { values }) => sum + (values[column] ?? 0), 0),
    );
    expect([a, b]).toEqual([3, 13]);
  });

  it('leaves answers without a preference out of the test, and says so', () => {
    const test = testOf('preference');
    const result = analyse(
      test,
      answerAll(test, (trial, i) => (i < 4 ? noPreference : prefer(1, trial)), noPreference),
    );
    expect(result.proportions).toMatchObject([{ successes: 12, trials: 12 }]);
    expect(result.notes.join(' ')).toContain('4 answers without a preference are left out');
  });

  it('tests nothing where nothing was preferred', () => {
    const test = testOf('preference');
    const result = analyse(
      test,
      answerAll(test, () => noPreference, noPreference),
    );
    expect(result.proportions).toEqual([]);
    expect(result.headline).toBe('No preference in any of 16 trials: there is nothing to test.');
  });

  it('says of chance that it is not a finding of likeness', () => {
    const test = testOf('preference');
    const result = analyse(
      test,
      answerAll(test, (trial, i) => prefer(i % 2, trial), noPreference),
    );
    expect(result.notes).toContain(NOT_SIGNIFICANT);
    expect(JSON.stringify(result)).not.toMatch(/\bequal/i);
  });
});

describe('CMOS', () => {
  it('turns scores towards B, whichever was played first', () => {
    const test = testOf('cmos');
    const answers = answerAll(
      test,
      ({ order }, i) => ({
        kind: 'cmos',
        score: (order[1] === 1 ? 1 : -1) * (i % 2 === 0 ? 2 : 1),
      }),
      { kind: 'cmos', score: 0 },
    );
    const result = analyse(test, answers);
    expect(result.means).toMatchObject([{ mean: 1.5, answers: 16 }]);
    expect(result.proportions).toMatchObject([{ successes: 16, trials: 16 }]);
    expect(result.headline).toContain('Mean score of B against A +1.50 (95 % interval');
    expect(result.counts.map(({ count }) => count)).toEqual([0, 0, 0, 0, 8, 8, 0]);
  });
});

describe('ABX', () => {
  it('counts what was identified, and says what that shows', () => {
    const test = testOf('abx');
    const answers = answerAll(
      test,
      ({ order }) => ({ kind: 'abx', choice: order[2] === order[0] ? 'first' : 'second' }),
      { kind: 'abx', choice: 'first' },
    );
    const result = analyse(test, answers);
    expect(result.headline).toMatch(
      /^16 of 16 identified X: unlikely to be guessing \(p < \.001\)/,
    );
    expect(result.notes).toContain(ABX_NOTE);
    expect(result.controls).toContain('4 of 4 controls');
  });
});

describe('MUSHRA-like rating', () => {
  it('finds the ratings of each stimulus, and judges the listener by reference and anchor', () => {
    const test = testOf('mushra');
    const ratings = [95, 70, 20];
    const answers = answerAll(
      test,
      ({ order }) => ({ kind: 'mushra', ratings: order.map((stimulus) => ratings[stimulus]) }),
      noPreference,
    );
    const result = analyse(test, answers);
    expect(result.means.map(({ mean }) => mean)).toEqual(ratings);
    expect(result.headline).toBe('Mean ratings: A, hidden reference 95; B 70; Anchor 20.');
    expect(result.proportions).toMatchObject([{ of: 'rated B above A', successes: 0, trials: 20 }]);
    expect(result.notes[0]).toContain('20 of 20 rated B below A: unlikely to be chance');
    expect(result.controls).toContain('90 or more in 20 of 20');
  });
});
