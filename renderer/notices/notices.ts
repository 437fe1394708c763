import { create } from 'zustand';
import { type Failure, FailureError, toFailure } from '../../contract/failure';

export type NoticeAction = { label: string; run: () => void };
export type Notice = {
  id: number;
  tone: 'info' | 'problem';
  message: string;
  action: NoticeAction | null;
};

/** How long a notice stays: one with an action long enough to be reached by keyboard. */
const LIFE_MS = { plain: 7_000, withAction: 12_000, problem: 20_000 };
const MAX_SHOWN = 4;

type Notices = {
  shown: Notice[];
  dismiss: (id: number) => void;
};

export const useNotices = create<Notices>()((set) => ({
  shown: [],
  dismiss: (id) => set(({ shown }) => ({ shown: shown.filter((notice) => notice.id !== id) })),
}));

let lastId = 0;

/**
 * Shows a sentence in the window: a message, or what went wrong as a failure or a thrown error.
 * Returns what takes it away again.
 */
export function notify(
  what: string | Failure | Error,
  { action = null }: { action?: NoticeAction | null } = {},
): () => void {
  const problem = typeof what !== 'string';
  const message = typeof what === 'string' ? what : sentenceOf(what);
  lastId += 1;
  const id = lastId;
  const notice: Notice = { id, tone: problem ? 'problem' : 'info', message, action };
  // The same sentence twice says nothing new.
  useNotices.setState(({ shown }) => ({
    shown: [
      ...shown.filter((other) => other.message !== message || other.action !== null),
      notice,
    ].slice(-MAX_SHOWN),
  }));
  const life = problem ? LIFE_MS.problem : action ? LIFE_MS.withAction : LIFE_MS.plain;
  const dismiss = () => useNotices.getState().dismiss(id);
  setTimeout(dismiss, life);
  return dismiss;
}

function sentenceOf(what: Failure | Error): string {
  if (what instanceof FailureError) return what.failure.message;
  return what instanceof Error ? toFailure(what).message : what.message;
}
