import type { OpenedProject } from '../../contract/project';
import { call } from '../bridge';
import { showWorkspace } from '../layout/workspace';
import { notify } from '../notices/notices';
import { saveProject, useSaving } from './autosave';
import { lookForMissing, useMissing } from './missing';
import { addLines, showProject, useProject } from './project';
import { cancelQueue } from './queue';

export async function newProject(): Promise<void> {
  await attempt(async () => show(await saved(() => call('newProject'))));
}

/** One that was opened before, by its path, or the one that the user chooses. */
export async function openProject(path: string | null = null): Promise<void> {
  await attempt(async () => show(await saved(() => call('openProject', { path }))));
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

function show(opened: OpenedProject | null): void {
  if (opened === null) return;
  cancelQueue();
  const { path, name, project, notice } = opened;
  useMissing.setState({ takes: new Set() });
  useSaving.setState({ saving: { state: 'saved' } });
  showProject({ path, name }, project);
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
