import { create } from 'zustand';
import { type Failure, toFailure } from '../../contract/failure';
import { LINES_AT_ONCE, type Line, type Project } from '../../contract/project';
import { call } from '../bridge';
import { notify } from '../notices/notices';
import { currentProject, useProject } from './project';

export type Saving =
  | { state: 'saved' }
  | { state: 'unsaved' }
  | { state: 'failed'; failure: Failure };

export const useSaving = create<{ saving: Saving }>()(() => ({ saving: { state: 'saved' } }));

/** An edit is on its way to the disk so soon, however many follow. */
const SAVE_AFTER_MS = 300;
const TRY_AGAIN_MS = 5000;

/** What main is known to have of the open project. */
let known: readonly Line[] = [];

/** Tells what main has of a project that was opened. */
export function showSaved(lines: readonly Line[]): void {
  known = lines;
  useSaving.setState({ saving: { state: 'saved' } });
}

let timer: ReturnType<typeof setTimeout> | undefined;
let underWay: Promise<void> = Promise.resolve();

/** Saves the open project whenever it has changed. Returns its own off switch. */
export function autosave(): () => void {
  const off = useProject.subscribe((now, before) => {
    const isSameFile = now.file !== null && now.file === before.file;
    const isSame = now.lines === before.lines && now.pronunciations === before.pronunciations;
    if (!isSameFile || isSame) return;
    useSaving.setState({ saving: { state: 'unsaved' } });
    timer ??= setTimeout(() => void saveProject(), SAVE_AFTER_MS);
  });
  return () => {
    off();
    clearTimeout(timer);
    timer = undefined;
  };
}

/** Resolves when everything that was edited until now is on the disk, or was said not to be. */
export async function saveProject(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const { file } = useProject.getState();
  if (file !== null && useSaving.getState().saving.state !== 'saved') {
    // A project of thousands of lines is not sent again while it is still being written.
    underWay = underWay.then(() => write(file.path));
  }
  await underWay;
}

/** Sends what was edited at once, for a page that is left. */
export function saveProjectNow(): void {
  const { file } = useProject.getState();
  if (file !== null && useSaving.getState().saving.state !== 'saved') void write(file.path, true);
}

async function write(path: string, isLeaving = false): Promise<void> {
  const { saving } = useSaving.getState();
  if (useProject.getState().file?.path !== path) return;
  const project = currentProject();
  try {
    await send(path, project, isLeaving);
    known = project.lines;
    const { lines, pronunciations } = useProject.getState();
    const isSame = lines === project.lines && pronunciations === project.pronunciations;
    useSaving.setState({ saving: { state: isSame ? 'saved' : 'unsaved' } });
  } catch (error) {
    // Whatever main has of it, all is sent the next time.
    known = [];
    const failure = toFailure(error);
    useSaving.setState({ saving: { state: 'failed', failure } });
    if (saving.state !== 'failed') notify(failure);
    timer ??= setTimeout(() => void saveProject(), TRY_AGAIN_MS);
  }
}

/** Sends the lines that main does not have as they are, some at a time, and has all of it written. */
async function send(
  path: string,
  { lines, pronunciations }: Project,
  isLeaving: boolean,
): Promise<void> {
  const had = new Set(known);
  const changed = lines.filter((line) => !had.has(line));
  const sent: Promise<void>[] = [];
  for (let at = 0; at < changed.length; at += LINES_AT_ONCE) {
    // A page that is left has no turn after this one.
    if (!isLeaving) await sent.at(-1);
    sent.push(call('stageLines', { path, lines: changed.slice(at, at + LINES_AT_ONCE) }));
  }
  const isSameOrder =
    lines.length === known.length && lines.every(({ id }, i) => id === known[i].id);
  const order = isSameOrder ? null : lines.map(({ id }) => id);
  // In the same turn as the last lines: main takes calls in their order.
  sent.push(call('saveProject', { path, order, pronunciations }));
  await Promise.all(sent);
}
