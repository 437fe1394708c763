import type { Line, OpenedProject } from '../../contract/project';
import { call } from '../bridge';
import { showWorkspace } from '../layout/workspace';
import { notify } from '../notices/notices';
import { saveProject, showSaved } from './autosave';
import { lookForMissing, useMissing } from './missing';
import { addLines, showProject, useProject } from './project';
import { cancelQueue } from './queue';

export async function newProject(): Promise<void> {
  await attempt(async () => show(await saved(() => opened(call('newProject')))));
}

/** One that was opened before, by its path, or the one that the user chooses. */
export async function openProject(path: string | null = null): Promise<void> {
  await attempt(async () => show(await saved(() => opened(call('openProject', { path })))));
}

export async function closeProject(): Promise<void> {
  await attempt(async () => {
    await saved(() => call('closeProject'));
    cancelQueue();
    showProject(null, { lines: [], pronunciations: [] });
  });
}

/** Adds the lines of a file that the user chooses to the end of the open project. */
export async function importLines(): Promise<void> {
  if (useProject.getState().file === null) {
    notify('Open a project, or begin a new one, to import lines into.');
    return;
  }
  showWorkspace('project');
  await attempt(async () => {
    const imported = await call('importLines');
    if (imported === null) return;
    const { length } = addLines(imported.lines);
    if (length === 0) return;
    const added = length === 1 ? '1 line was added.' : `${length} lines were added.`;
    notify([added, ...imported.leftOut].join(' '));
  });
}

/** Nothing of the project that is open is lost when another takes its place. */
async function saved<T>(action: () => Promise<T>): Promise<T> {
  await saveProject();
  return action();
}

type Opened = OpenedProject & { all: Line[] };

/** A project that main has opened, with its lines, which come some at a time. */
async function opened(opening: Promise<OpenedProject | null>): Promise<Opened | null> {
  const project = await opening;
  if (project === null) return null;
  const all: Line[] = [];
  while (all.length < project.lines) {
    const { path } = project;
    all.push(...JSON.parse(await call('readProjectLines', { path, from: all.length })));
  }
  return { ...project, all };
}

function show(project: Opened | null): void {
  if (project === null) return;
  cancelQueue();
  const { path, name, all: lines, pronunciations, notice } = project;
  useMissing.setState({ takes: new Set() });
  showSaved(lines);
  showProject({ path, name }, { lines, pronunciations });
  showWorkspace('project');
  if (notice !== null) notify({ kind: 'storage', message: notice });
  void lookForMissing();
}

async function attempt(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    notify(error as Error);
  }
}
