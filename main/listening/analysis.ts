import type {
  ListeningAnswer,
  ListeningResult,
  MeanScore,
  Proportion,
} from '../../contract/listening';
import { CMOS_LIMIT } from '../../contract/listening';
import type { TrialPlan } from './design';
import { type GivenAnswer, type ListeningTest, letterOf, stimulusName } from './listening-test';
import { meanScore, proportion } from './statistics';
import { NOT_SIGNIFICANT, sayProportion, showScore } from './words';

/** What a kind of test finds; the rest of a result is the same for all. */
type Findings = Pick<
  ListeningResult,
  'headline' | 'notes' | 'counts' | 'proportions' | 'means' | 'controls' | 'sentences' | 'plot'
>;

type Answered<K extends ListeningAnswer['kind']> = {
  trial: TrialPlan;
  text: string;
  answer: Extract<ListeningAnswer, { kind: K }>;
};

/** From this rating on a hidden reference counts as recognised, as in ITU-R BS.1534. */
const RECOGNISED = 90;

const REPEATED_ITEMS = 'answers about one of them are not independent of each other';

/** The result of a test whose every trial was answered. Pure: the same test gives the same words. */
export function analyse(test: ListeningTest, answers: readonly GivenAnswer[]): ListeningResult {
  const found = findings(test, answers);
  const last = answers[answers.length - 1];
  return {
    id: test.id,
    kind: test.kind,
    seed: test.seed,
    createdAt: test.createdAt,
    finishedAt: last.at,
    conditions: test.conditions.map(({ name }) => name),
    trials: test.trials.length,
    ...found,
    notes: [...found.notes, ...repeats(test)],
  };
}

function findings(test: ListeningTest, answers: readonly GivenAnswer[]): Findings {
  switch (test.kind) {
    case 'preference':
      return preference(answered(test, answers, 'preference'));
    case 'cmos':
      return cmos(answered(test, answers, 'cmos'));
    case 'abx':
      return abx(answered(test, answers, 'abx'));
    case 'mushra':
      return mushra(test, answered(test, answers, 'mushra'));
  }
}

function answered<K extends ListeningAnswer['kind']>(
  test: ListeningTest,
  answers: readonly GivenAnswer[],
  kind: K,
): Answered<K>[] {
  return test.trials.map((trial, number) => {
    const { answer } = answers[number];
    if (answer.kind !== kind)
      throw new Error(`Trial ${number + 1} was answered as ${answer.kind}.`);
    return {
      trial,
      text: test.items[trial.item].text,
      answer: answer as Answered<K>['answer'],
    };
  });
}

const compared = <T extends { trial: TrialPlan }>(all: T[]) =>
  all.filter(({ trial }) => !trial.isControl);
const controlsOf = <T extends { trial: TrialPlan }>(all: T[]) =>
  all.filter(({ trial }) => trial.isControl);

/** The condition that was chosen, or null for no preference. */
export function chosenCondition(
  { order }: TrialPlan,
  choice: 'first' | 'second' | 'none',
): number | null {
  if (choice === 'none') return null;
  return order[choice === 'first' ? 0 : 1];
}

function preference(all: Answered<'preference'>[]): Findings {
  const real = compared(all);
  const choices = real.map(({ trial, answer }) => chosenCondition(trial, answer.choice));
  const times = (wanted: number | null) => choices.filter((choice) => choice === wanted).length;
  const decided = times(0) + times(1);
  const share = decided === 0 ? [] : [proportion('preferred B', times(1), decided)];
  const controls = controlsOf(all);
  const none = controls.filter(({ answer }) => answer.choice === 'none').length;
  return {
    headline: headlineOf(share, real.length, PREFERRED),
    notes: [
      ...undecided(times(null)),
      ...insignificance(share),
      ...places(real.map(({ answer }) => answer.choice)),
    ],
    counts: [
      { name: 'Preferred A', count: times(0) },
      { name: 'Preferred B', count: times(1) },
      { name: 'No preference', count: times(null) },
    ],
    proportions: share,
    means: [],
    controls: `${none} of ${controls.length} controls, one sound played twice, were answered with no preference.`,
    sentences: {
      columns: ['A', 'B', 'No preference'],
      rows: byText(real, (those) =>
        [0, 1, null].map(
          (wanted) =>
            those.filter(({ trial, answer }) => chosenCondition(trial, answer.choice) === wanted)
              .length,
        ),
      ),
    },
    plot: sharePlot('Share of decided trials that preferred B', share),
  };
}

/** The score of B against A, whichever was played first. */
export function scoreOfB({ order }: TrialPlan, score: number): number {
  // Not −0, which no table should show.
  return order[1] === 1 ? score : 0 - score;
}

function cmos(all: Answered<'cmos'>[]): Findings {
  const real = compared(all);
  const scores = real.map(({ trial, answer }) => scoreOfB(trial, answer.score));
  const better = scores.filter((score) => score > 0).length;
  const worse = scores.filter((score) => score < 0).length;
  const share = better + worse === 0 ? [] : [proportion('rated B better', better, better + worse)];
  const mean = meanScore('B compared with A', scores);
  const controls = controlsOf(all);
  const still = controls.filter(({ answer }) => answer.score === 0).length;
  const strayed = controls.reduce((sum, { answer }) => sum + Math.abs(answer.score), 0);
  const strays = controls.length === 0 ? 0 : strayed / controls.length;
  return {
    headline: `${headlineOf(share, real.length, RATED_BETTER)} Mean score of B against A ${showMean(mean)}.`,
    notes: [
      ...undecided(scores.length - better - worse),
      ...insignificance(share),
      'The interval of the mean takes the seven steps for evenly spaced; the binomial test needs only their direction.',
    ],
    counts: Array.from({ length: 2 * CMOS_LIMIT + 1 }, (_, i) => i - CMOS_LIMIT).map((step) => ({
      name: step > 0 ? `+${step}` : `${step}`.replace('-', '−'),
      count: scores.filter((score) => score === step).length,
    })),
    proportions: share,
    means: [mean],
    controls: `${still} of ${controls.length} controls, one sound played twice, scored 0; their scores were ${strays.toFixed(2)} away from 0 on average.`,
    sentences: {
      columns: ['Mean score of B', 'Trials'],
      rows: byText(real, (those) => [
        meanOf(those.map(({ trial, answer }) => scoreOfB(trial, answer.score))),
        those.length,
      ]),
    },
    plot: {
      axis: 'Mean score of B against A',
      from: -CMOS_LIMIT,
      to: CMOS_LIMIT,
      even: 0,
      rows: [plotRow('B', mean, -CMOS_LIMIT, CMOS_LIMIT)],
    },
  };
}

/** Whether X was found. */
export function isCorrect({ order }: TrialPlan, choice: 'first' | 'second'): boolean {
  return order[choice === 'first' ? 0 : 1] === order[2];
}

export const ABX_NOTE =
  'Two renderings of a sentence are two recordings, and X is the very same recording as one of them: finding X shows that these recordings can be told apart, as any two takes can, not that either setting sounds better. For that, ask for a preference.';

function abx(all: Answered<'abx'>[]): Findings {
  const real = compared(all);
  const right = real.filter(({ trial, answer }) => isCorrect(trial, answer.choice)).length;
  const share = [proportion('identified X', right, real.length)];
  const controls = controlsOf(all);
  const first = controls.filter(({ answer }) => answer.choice === 'first').length;
  return {
    headline: headlineOf(share, real.length, IDENTIFIED),
    notes: [ABX_NOTE, ...insignificance(share), ...places(real.map(({ answer }) => answer.choice))],
    counts: [
      { name: 'Identified X', count: right },
      { name: 'Took the other for X', count: real.length - right },
    ],
    proportions: share,
    means: [],
    controls: `${first} of ${controls.length} controls, one sound played three times, were answered with the first; no answer to them is right.`,
    sentences: {
      columns: ['Identified X', 'Trials'],
      rows: byText(real, (those) => [
        those.filter(({ trial, answer }) => isCorrect(trial, answer.choice)).length,
        those.length,
      ]),
    },
    plot: sharePlot('Share of trials that identified X', share),
  };
}

/** The rating of a stimulus, wherever it was played. */
export function ratingOf({ order }: TrialPlan, ratings: readonly number[], stimulus: number) {
  return ratings[order.indexOf(stimulus)];
}

function mushra(test: ListeningTest, all: Answered<'mushra'>[]): Findings {
  const anchor = test.conditions.length;
  const stimuli = Array.from({ length: anchor + 1 }, (_, i) => i);
  const rating = ({ trial, answer }: Answered<'mushra'>, stimulus: number) =>
    ratingOf(trial, answer.ratings, stimulus);
  const means = stimuli.map((stimulus) =>
    meanScore(
      stimulusName(test, stimulus),
      all.map((one) => rating(one, stimulus)),
    ),
  );
  const shares = stimuli.slice(1, anchor).flatMap((stimulus) => {
    const above = all.filter((one) => rating(one, stimulus) > rating(one, 0)).length;
    const below = all.filter((one) => rating(one, stimulus) < rating(one, 0)).length;
    if (above + below === 0) return [];
    return [proportion(`rated ${letterOf(stimulus)} above A`, above, above + below)];
  });
  const found = all.filter((one) => rating(one, 0) >= RECOGNISED).length;
  const lowest = all.filter((one) =>
    stimuli.every((stimulus) => rating(one, anchor) <= rating(one, stimulus)),
  ).length;
  return {
    headline: `Mean ratings: ${means.map((mean) => `${mean.of} ${mean.mean.toFixed(0)}`).join('; ')}.`,
    notes: [
      ...shares.map((share) => `${sayProportion(share, ratedAbove(share.of))}.`),
      ...(shares.length > 1
        ? ['The p values are not corrected for the number of comparisons.']
        : []),
      ...insignificance(shares),
      'The reference is itself a rendering, not a recording of a voice: ratings say how near the others come to it.',
    ],
    counts: [],
    proportions: shares,
    means,
    controls: `The hidden reference was rated ${RECOGNISED} or more in ${found} of ${all.length} trials, and nothing was rated below the anchor in ${lowest} of ${all.length}.`,
    sentences: {
      columns: stimuli.map((stimulus) => stimulusName(test, stimulus)),
      rows: byText(all, (those) =>
        stimuli.map((stimulus) => meanOf(those.map((one) => rating(one, stimulus)))),
      ),
    },
    plot: {
      axis: 'Mean rating',
      from: 0,
      to: 100,
      even: null,
      rows: means.map((mean) => plotRow(mean.of, mean, 0, 100)),
    },
  };
}

const PREFERRED = {
  more: 'preferred B',
  fewer: 'preferred A',
  chance: 'chance',
  nothing: 'No preference in any of',
};
const RATED_BETTER = {
  more: 'rated B better',
  fewer: 'rated A better',
  chance: 'chance',
  nothing: 'No score other than 0 in any of',
};
const IDENTIFIED = {
  more: 'identified X',
  fewer: 'took the other for X',
  chance: 'guessing',
  nothing: '',
};
const ratedAbove = (of: string) => ({
  more: of,
  fewer: of.replace('above', 'below'),
  chance: 'chance',
});

function headlineOf(share: Proportion[], trials: number, says: typeof PREFERRED): string {
  const [found] = share;
  if (!found) return `${says.nothing} ${trials} trials: there is nothing to test.`;
  return `${sayProportion(found, says)}.`;
}

function undecided(count: number): string[] {
  if (count === 0) return [];
  return [
    `${count} ${count === 1 ? 'answer' : 'answers'} without a preference ${count === 1 ? 'is' : 'are'} left out of the test.`,
  ];
}

function insignificance(shares: Proportion[]): string[] {
  return shares.some(({ p }) => p >= 0.05) ? [NOT_SIGNIFICANT] : [];
}

function places(choices: ('first' | 'second' | 'none')[]): string[] {
  const decided = choices.filter((choice) => choice !== 'none');
  if (decided.length === 0) return [];
  const first = decided.filter((choice) => choice === 'first').length;
  return [`The sound that was played first was chosen in ${first} of ${decided.length}.`];
}

function repeats({ items, trials }: ListeningTest): string[] {
  const comparisons = trials.filter(({ isControl }) => !isControl).length;
  if (items.length >= comparisons) return [];
  return [
    `${comparisons} comparisons were made of ${items.length} ${items.length === 1 ? 'set' : 'sets'} of takes: ${REPEATED_ITEMS}.`,
  ];
}

function byText<T extends { text: string }>(
  all: T[],
  valuesOf: (those: T[]) => (number | null)[],
): ListeningResult['sentences']['rows'] {
  const texts = [...new Set(all.map(({ text }) => text))];
  return texts.map((text) => ({
    text,
    values: valuesOf(all.filter((one) => one.text === text)),
  }));
}

function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function showMean({ mean, low, high }: MeanScore): string {
  if (low === null || high === null) return showScore(mean);
  return `${showScore(mean)} (95 % interval ${showScore(low)} to ${showScore(high)})`;
}

function sharePlot(axis: string, shares: Proportion[]): ListeningResult['plot'] {
  return {
    axis,
    from: 0,
    to: 1,
    even: 0.5,
    rows: shares.map(({ of, successes, trials, low, high }) => ({
      label: of,
      value: successes / trials,
      low,
      high,
    })),
  };
}

function plotRow(
  label: string,
  { mean, low, high }: MeanScore,
  from: number,
  to: number,
): ListeningResult['plot']['rows'][number] {
  const within = (value: number) => Math.min(to, Math.max(from, value));
  return { label, value: mean, low: within(low ?? mean), high: within(high ?? mean) };
}
