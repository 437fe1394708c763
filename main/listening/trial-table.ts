import { stringify } from 'csv-stringify/sync';
import { chosenCondition, isCorrect, scoreOfB } from './analysis';
import { type GivenAnswer, type ListeningTest, letterOf, stimulusName } from './listening-test';

export type Table = { columns: string[]; rows: (string | number)[][] };

const OUTCOME = {
  preference: ['Preferred'],
  cmos: ['Score of second', 'Score of B'],
  abx: ['X was', 'Answered', 'Correct'],
} as const;

/** A row a trial, in the order asked: what was played, what was answered, and what that means. */
export function trialTable(test: ListeningTest, answers: readonly GivenAnswer[]): Table {
  const stimuli = Array.from({ length: test.conditions.length + 1 }, (_, i) => i);
  const outcome =
    test.kind === 'mushra'
      ? stimuli.map((stimulus) => `Rating of ${stimulusName(test, stimulus)}`)
      : OUTCOME[test.kind];
  const columns = ['Trial', 'Sentence', 'Control', 'Order', ...outcome, 'Plays', 'Answered at'];
  const rows = answers.map((given, i) => {
    const { item, isControl, order } = test.trials[i];
    return [
      i + 1,
      test.items[item].text,
      isControl ? 'yes' : 'no',
      order.map((stimulus) => letters(test, stimulus)).join(' '),
      ...outcomeOf(test, given, i),
      given.plays.join(' '),
      given.at,
    ];
  });
  return { columns, rows };
}

/** As CSV (RFC 4180), with the byte order mark by which spreadsheets know UTF-8. */
export function trialsAsCsv(test: ListeningTest, answers: readonly GivenAnswer[]): string {
  const { columns, rows } = trialTable(test, answers);
  return stringify([columns, ...rows], { bom: true, escape_formulas: true });
}

function letters(test: ListeningTest, stimulus: number): string {
  return stimulus === test.conditions.length ? 'anchor' : letterOf(stimulus);
}

function outcomeOf(test: ListeningTest, { answer }: GivenAnswer, i: number): (string | number)[] {
  const trial = test.trials[i];
  switch (answer.kind) {
    case 'preference': {
      const chosen = chosenCondition(trial, answer.choice);
      // In a control both places hold one condition: the place is what was chosen.
      if (trial.isControl) return [answer.choice];
      return [chosen === null ? 'none' : letterOf(chosen)];
    }
    case 'cmos':
      return [answer.score, trial.isControl ? '' : scoreOfB(trial, answer.score)];
    case 'abx': {
      const x = trial.isControl ? 'either' : trial.order[2] === trial.order[0] ? 'first' : 'second';
      const correct = isCorrect(trial, answer.choice) ? 'yes' : 'no';
      return [x, answer.choice, trial.isControl ? '' : correct];
    }
    case 'mushra': {
      const stimuli = trial.order.map((_, stimulus) => stimulus);
      return stimuli.map((stimulus) => answer.ratings[trial.order.indexOf(stimulus)]);
    }
  }
}
