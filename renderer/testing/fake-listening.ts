import type { CallInput, CallName, CallOutput } from '../../contract/calls';
import { FailureError } from '../../contract/failure';
import type {
  ListeningAnswer,
  ListeningResult,
  ListeningSummary,
  ListeningTrial,
} from '../../contract/listening';

type ListeningCall = Extract<CallName, `${string}Listening${string}`>;
type Handlers = { [N in ListeningCall]: (input: CallInput<N>) => CallOutput<N> };

/** Sounds of a trial, by the kind of test. */
const SOUNDS = { preference: 2, cmos: 2, abx: 3, mushra: 3 } as const;

/** Blind tests in memory that are ready at once; their result counts the answers and no more. */
export function fakeListening(sound: () => ListeningTrial['sounds'][number]): Handlers {
  const tests = new Map<string, { summary: ListeningSummary; answers: ListeningAnswer[] }>();
  const find = (id: string) => {
    const found = tests.get(id);
    if (!found) throw new FailureError('usage', 'That test is no longer there.');
    return found;
  };
  return {
    listListeningTests: () => ({
      tests: [...tests.values()].map(({ summary }) => summary).reverse(),
      unreadable: [],
    }),
    createListeningTest: ({ kind, trials }) => {
      const summary: ListeningSummary = {
        id: `example-test-${tests.size + 1}`,
        kind,
        createdAt: new Date(Date.UTC(2026, 0, 1, 9, tests.size)).toISOString(),
        conditions: ['Exact', 'PCG θ 0.40'],
        trials,
        state: { status: 'running', answered: 0 },
      };
      tests.set(summary.id, { summary, answers: [] });
      return summary;
    },
    prepareListeningTest: () => undefined,
    cancelListeningPreparation: () => undefined,
    removeListeningTest: ({ test }) => {
      tests.delete(test);
    },
    getListeningTrial: ({ test }) => {
      const { summary, answers } = find(test);
      const { kind, trials } = summary;
      return {
        kind,
        number: answers.length,
        trials,
        text: 'The tide was out, and the boats lay on the sand.',
        sounds: Array.from({ length: SOUNDS[kind] }, sound),
        reference: kind === 'mushra' ? sound() : null,
      };
    },
    answerListeningTrial: ({ test, trial, answer }) => {
      const found = find(test);
      if (trial !== found.answers.length) throw new FailureError('usage', 'Not the one asked now.');
      found.answers.push(answer);
      const answered = found.answers.length;
      const isLast = answered === found.summary.trials;
      found.summary = {
        ...found.summary,
        state: isLast ? { status: 'finished' } : { status: 'running', answered },
      };
      return found.summary;
    },
    getListeningResult: ({ test }) => resultOf(find(test)),
    exportListeningTest: ({ format }) => `/home/you/Documents/Blind test.${format}`,
  };
}

function resultOf(found: {
  summary: ListeningSummary;
  answers: ListeningAnswer[];
}): ListeningResult {
  const { id, kind, createdAt, conditions, trials } = found.summary;
  return {
    id,
    kind,
    seed: 1,
    createdAt,
    finishedAt: createdAt,
    conditions,
    trials,
    headline: `${found.answers.length} answers were given.`,
    notes: ['This page only counts them.'],
    counts: [{ name: 'Answers', count: found.answers.length }],
    proportions: [],
    means: [],
    controls: 'Controls are not told apart here.',
    sentences: { columns: ['Trials'], rows: [{ text: 'The tide was out.', values: [trials] }] },
    plot: {
      axis: 'Share',
      from: 0,
      to: 1,
      even: 0.5,
      rows: [{ label: 'answered', value: 1, low: 0.8, high: 1 }],
    },
  };
}
