import { create } from 'zustand';
import { toFailure } from '../../contract/failure';
import type {
  ListeningAnswer,
  ListeningRequest,
  ListeningResult,
  ListeningSummary,
  ListeningTrial,
} from '../../contract/listening';
import { call } from '../bridge';

export type ListeningView =
  | { at: 'closed' }
  | { at: 'tests' }
  | { at: 'setup' }
  | { at: 'trial'; test: string; trial: ListeningTrial }
  /** `written` is the path of the file exported last. */
  | { at: 'result'; result: ListeningResult; written: string | null };

type Listening = {
  view: ListeningView;
  /** Newest first. */
  tests: readonly ListeningSummary[];
  /** A sentence for each that could not be read. */
  unreadable: readonly string[];
  /** What went wrong last: notices are behind the dialog. */
  problem: string | null;
};

export const useListening = create<Listening>()(() => ({
  view: { at: 'closed' },
  tests: [],
  unreadable: [],
  problem: null,
}));

const go = (view: ListeningView) => useListening.setState({ view, problem: null });

/** Opens the tests there are, or the set-up of the first one. */
export async function openListening(): Promise<void> {
  await refreshListening();
  const { tests, unreadable, problem } = useListening.getState();
  const isFirst = tests.length === 0 && unreadable.length === 0 && problem === null;
  useListening.setState({ view: { at: isFirst ? 'setup' : 'tests' } });
}

/** A test that is left goes on another time where it was. */
export const closeListening = () => go({ at: 'closed' });
export const showTests = () => go({ at: 'tests' });
export const setUpTest = () => go({ at: 'setup' });

export async function refreshListening(): Promise<void> {
  await attempt(async () => {
    useListening.setState(await call('listListeningTests'));
  });
}

/** Main told of a change; nobody sees it while the dialog is closed. */
export function listeningChanged(): void {
  if (useListening.getState().view.at !== 'closed') void refreshListening();
}

/** Begins at once where no take is missing. */
export async function createTest(request: ListeningRequest): Promise<void> {
  await attempt(async () => {
    const { id, state } = await call('createListeningTest', request);
    await refreshListening();
    if (state.status === 'running') await goOn(id);
    else go({ at: 'tests' });
  });
}

/** The trial that is asked now. */
export async function goOn(test: string): Promise<void> {
  await attempt(async () => {
    go({ at: 'trial', test, trial: await call('getListeningTrial', { test }) });
  });
}

/** Stores the answer and shows the next trial, or the result. */
export async function answerTrial(
  test: string,
  { number }: ListeningTrial,
  answer: ListeningAnswer,
  plays: number[],
): Promise<void> {
  await attempt(async () => {
    const { state } = await call('answerListeningTrial', { test, trial: number, answer, plays });
    // Whoever closed the dialog meanwhile wants it closed.
    if (useListening.getState().view.at !== 'trial') return;
    await (state.status === 'finished' ? showResult(test) : goOn(test));
  });
}

export async function showResult(test: string): Promise<void> {
  await attempt(async () => {
    go({ at: 'result', result: await call('getListeningResult', { test }), written: null });
  });
}

export const prepareTest = (test: string) => attempt(() => call('prepareListeningTest', { test }));
export const cancelPreparation = (test: string) =>
  attempt(() => call('cancelListeningPreparation', { test }));
export const removeTest = (test: string) => attempt(() => call('removeListeningTest', { test }));

export async function exportTest(result: ListeningResult, format: 'html' | 'csv'): Promise<void> {
  await attempt(async () => {
    const written = await call('exportListeningTest', { test: result.id, format });
    if (written !== null) go({ at: 'result', result, written });
  });
}

export const revealReport = (path: string) => attempt(() => call('revealExport', { path }));

async function attempt(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    useListening.setState({ problem: toFailure(error).message });
  }
}
