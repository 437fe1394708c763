import { create } from 'zustand';
import { toFailure } from '../../contract/failure';
import type { Line, LineTake } from '../../contract/project';
import { call } from '../bridge';
import { useEngine } from '../engine/engine';
import { notify } from '../notices/notices';
import { addTake, findLine, nextSettings, setProblem, useProject } from './project';

/** A line that waits for its take; `again` is the lost take that is made once more. */
export type Waiting = { line: string; again: LineTake | null };
type Running = Waiting & { job: string; characters: number };

type Queue = {
  /** The next one first. */
  waiting: readonly Waiting[];
  running: Running | null;
  isPaused: boolean;
  /** Of the takes that this queue has made, for the time left. */
  spent: { ms: number; characters: number };
};

/**
 * Lines on their way to the queue of takes, which gets one at a time: what is asked for in the
 * script comes in between, and the order can still be changed.
 */
export const useLineQueue = create<Queue>()(() => ({
  waiting: [],
  running: null,
  isPaused: false,
  spent: { ms: 0, characters: 0 },
}));

/** Queues a take for each line that does not wait for one yet. */
export function generateLines(ids: readonly string[]): void {
  add(ids.map((line) => ({ line, again: null })));
}

/** Queues lost takes of lines to be made again by their stored text and settings. */
export function regenerateTakes(lost: readonly { line: string; take: LineTake }[]): void {
  add(lost.map(({ line, take }) => ({ line, again: take })));
}

function add(entries: readonly Waiting[]): void {
  const { waiting, running } = useLineQueue.getState();
  const key = ({ line, again }: Waiting) => `${line} ${again?.take ?? ''}`;
  const there = new Set([...waiting, ...(running ? [running] : [])].map(key));
  const added = entries.filter((entry) => {
    const text = entry.again?.text ?? findLine(entry.line)?.text;
    return text !== undefined && text.trim() !== '' && !there.has(key(entry));
  });
  useLineQueue.setState({ waiting: [...waiting, ...added] });
  void runNext();
}

export function pauseQueue(isPaused: boolean): void {
  useLineQueue.setState({ isPaused });
  if (!isPaused) void runNext();
}

/** Takes lines out of the queue and ends the take that is being made of one. */
export function cancelLines(ids: ReadonlySet<string>): void {
  const { waiting, running } = useLineQueue.getState();
  useLineQueue.setState({ waiting: waiting.filter(({ line }) => !ids.has(line)) });
  if (running && ids.has(running.line)) {
    call('cancel', { job: running.job }).catch((error) => notify(error as Error));
  }
}

export function cancelQueue(): void {
  const { waiting, running } = useLineQueue.getState();
  cancelLines(new Set([...waiting, ...(running ? [running] : [])].map(({ line }) => line)));
}

/** Puts waiting lines before all others. */
export function hurryLines(ids: ReadonlySet<string>): void {
  const { waiting } = useLineQueue.getState();
  const isFirst = ({ line }: Waiting) => ids.has(line);
  useLineQueue.setState({
    waiting: [...waiting.filter(isFirst), ...waiting.filter((entry) => !isFirst(entry))],
  });
}

/** Seconds until the queue is empty, by what its takes took so far; null before the first. */
export function secondsLeft({ waiting, running, spent }: Queue, lines: readonly Line[]) {
  if (spent.characters === 0) return null;
  const lengths = new Map(lines.map(({ id, text }) => [id, text.length]));
  const characters = waiting.reduce(
    (sum, { line, again }) => sum + (again?.text.length ?? lengths.get(line) ?? 0),
    running?.characters ?? 0,
  );
  return ((spent.ms / spent.characters) * characters) / 1000;
}

async function runNext(): Promise<void> {
  const { waiting, running, isPaused } = useLineQueue.getState();
  const [next, ...rest] = waiting;
  if (running !== null || isPaused || next === undefined) return;
  const line = findLine(next.line);
  if (line === undefined) {
    // It was removed while it waited.
    useLineQueue.setState({ waiting: rest });
    return runNext();
  }
  const text = next.again?.text ?? line.text;
  const job = crypto.randomUUID();
  useLineQueue.setState({
    waiting: rest,
    running: { ...next, job, characters: text.length },
  });
  await speak(line, next.again, text, job);
  useLineQueue.setState({ running: null });
  return runNext();
}

async function speak(line: Line, again: LineTake | null, text: string, job: string) {
  const { pronunciations, file } = useProject.getState();
  const settings = again?.settings ?? nextSettings(line);
  try {
    const spoken = await call('speakLine', { job, text, settings, pronunciations });
    if (useProject.getState().file !== file) return;
    const { take, seconds, suspicions } = spoken;
    addTake(line.id, { take: take.id, text, settings, seconds, suspicions }, again?.take ?? null);
    useLineQueue.setState(({ spent }) => ({
      spent: { ms: spent.ms + take.wallMs, characters: spent.characters + text.length },
    }));
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind === 'cancelled' || useProject.getState().file !== file) return;
    setProblem(line.id, failure.message);
    if (useEngine.getState().state.status !== 'ready') {
      // The others would all fail as this one did.
      pauseQueue(true);
      notify(failure);
    }
  }
}
