import { access } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { app, type BrowserWindow, dialog } from 'electron';
import { FailureError } from '../../contract/failure';
import {
  LINES_AT_ONCE,
  type LineExportSettings,
  type OpenedProject,
  type SpokenLine,
} from '../../contract/project';
import type { Take } from '../../contract/take';
import { sidecarPath } from '../audio/file-name';
import type { Handlers } from '../ipc';
import type { Memory } from '../memory';
import type { Studio } from '../studio';
import { missingTakes } from './missing-takes';
import type { OpenProject } from './open-project';
import { isThere, PROJECT_EXTENSION, projectName } from './project-file';
import { suspicionsOf } from './suspicions';

type ProjectCall =
  | 'newProject'
  | 'openProject'
  | 'readProjectLines'
  | 'stageLines'
  | 'saveProject'
  | 'closeProject'
  | 'listRecentProjects'
  | 'importLines'
  | 'speakLine'
  | 'findMissingTakes'
  | 'planLineExport'
  | 'exportLines'
  | 'inspectPronunciations'
  | 'hearPronunciation';

const IMPORT_EXTENSIONS = ['txt', 'csv', 'srt'];

/** When they are first needed: their libraries would delay every start. */
const loadImport = () => import('./import/import-lines');
const loadExport = () => import('./export-lines');

const FILTERS = [{ name: 'Timbrel project', extensions: [PROJECT_EXTENSION.slice(1)] }];

/** What main does for each call about projects. `exported` learns what may be revealed. */
export function projectHandlers(
  studio: Studio,
  memory: Memory,
  projects: OpenProject,
  window: () => BrowserWindow,
  exported: Set<string>,
): Pick<Handlers, ProjectCall> {
  const opened = (): OpenedProject => {
    const { path, size: lines, pronunciations, notice } = projects.store;
    memory.rememberProject(path, true);
    return { path, name: projectName(path), lines, pronunciations, notice };
  };
  const plan = (settings: LineExportSettings) => {
    const { path, project } = projects.store;
    return { name: projectName(path), lines: project.lines, settings };
  };
  return {
    newProject: async () => {
      const path = await askNew(window());
      if (path === null) return null;
      await projects.create(path);
      return opened();
    },
    openProject: async ({ path: asked }) => {
      const path = asked ?? (await askWhich(window()));
      if (path === null) return null;
      if (asked !== null && !memory.recentProjects.includes(asked)) {
        throw new FailureError('usage', 'Only a project that was opened before has a known place.');
      }
      try {
        await projects.open(path);
      } catch (error) {
        if (!(await isThere(path))) memory.rememberProject(path, false);
        throw error;
      }
      return opened();
    },
    readProjectLines: ({ path, from }) => projects.at(path).linesFrom(from, LINES_AT_ONCE),
    stageLines: ({ path, lines }) => projects.at(path).stage(lines),
    saveProject: ({ path, ...change }) => projects.save(path, change),
    closeProject: () => projects.close(),
    listRecentProjects: () =>
      memory.recentProjects.map((path) => ({ path, name: projectName(path) })),

    importLines: async () => {
      const path = await askImport(window());
      if (path === null) return null;
      const { readLines } = await loadImport();
      return readLines(
        path,
        studio.pack.summary.voices.map(({ name }) => name),
      );
    },
    inspectPronunciations: (entries) =>
      entries.map((entry) => studio.pack.frontEnd.inspectPronunciation(entry)),
    hearPronunciation: async ({ entry, settings }) => ({
      sampleRate: studio.pack.summary.sampleRate,
      samples: await studio.jobs.hear({
        // A word alone is short enough for a voice to end before it has begun.
        text: `The word is ${entry.word}.`,
        settings,
        pronunciations: [entry],
      }),
    }),
    speakLine: async ({ job, ...request }) =>
      spokenLine(studio, await studio.jobs.run({ ...request, pair: null }, job)),
    findMissingTakes: ({ takes }) => missingTakes(studio.takes, takes),

    planLineExport: async ({ settings }) => (await loadExport()).plannedFiles(plan(settings)),
    exportLines: async ({ settings, sound }) => {
      const { exportLines, plannedFiles } = await loadExport();
      const planned = plannedFiles(plan(settings));
      if (planned.length === 0) {
        throw new FailureError(
          'usage',
          'No line has a chosen take to export: generate some first.',
        );
      }
      const folder = await askFolder(window(), planned);
      if (folder === null) return null;
      const report = await exportLines({
        ...plan(settings),
        sound,
        folder,
        version: app.getVersion(),
        getTake: (id) => studio.takes.get(id),
        readSound: (id) => studio.takes.readSound(id),
      });
      for (const file of report.files) exported.add(file);
      memory.setPreferences({ export: sound, lineExport: settings });
      return report;
    },
  };
}

/** A take that has ended, listened to by rules; throws a failure when nothing was spoken. */
async function spokenLine(studio: Studio, take: Take): Promise<SpokenLine> {
  if (take.status === 'cancelled') throw new FailureError('cancelled', 'Cancelled.');
  if (take.status !== 'finished') {
    throw new FailureError('runtime', take.problem ?? 'The take broke off.');
  }
  const { samples, sampleRate } = await studio.takes.readSound(take.id);
  const expected = studio.pack.frontEnd.inspect(
    take.text,
    take.pronunciations,
    take.settings.pace,
  ).seconds;
  const seconds = samples.length / sampleRate;
  return { take, seconds, suspicions: suspicionsOf(take, samples, sampleRate, expected) };
}

async function askNew(window: BrowserWindow): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'New project',
    defaultPath: join(app.getPath('documents'), `Project${PROJECT_EXTENSION}`),
    filters: FILTERS,
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  if (canceled || !filePath) return null;
  const isNamed = extname(filePath).toLowerCase() === PROJECT_EXTENSION;
  const path = isNamed ? filePath : `${filePath}${PROJECT_EXTENSION}`;
  // The dialog asked about the very name that was typed, and about nothing else.
  if (path === filePath || !(await isThere(path))) return path;
  return (await agreed(window, `${basename(path)} would be replaced.`)) ? path : null;
}

async function askWhich(window: BrowserWindow): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open project',
    defaultPath: app.getPath('documents'),
    filters: FILTERS,
    properties: ['openFile'],
  });
  return canceled ? null : (filePaths[0] ?? null);
}

async function askImport(window: BrowserWindow): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Import lines',
    filters: [{ name: 'Text, CSV or SRT', extensions: IMPORT_EXTENSIONS }],
    properties: ['openFile'],
  });
  return canceled ? null : (filePaths[0] ?? null);
}

/** A folder for files of these names, and a yes to what of them would be replaced there. */
async function askFolder(window: BrowserWindow, names: readonly string[]): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Export lines',
    defaultPath: app.getPath('documents'),
    properties: ['openDirectory', 'createDirectory'],
  });
  const [folder] = filePaths;
  if (canceled || folder === undefined) return null;
  const taken: string[] = [];
  for (const name of names.flatMap((each) => [each, sidecarPath(each)])) {
    await access(join(folder, name)).then(
      () => taken.push(name),
      () => undefined,
    );
  }
  if (taken.length === 0) return folder;
  const others = taken.length > 1 ? ` and ${taken.length - 1} more` : '';
  return (await agreed(window, `${taken[0]}${others} would be replaced.`)) ? folder : null;
}

async function agreed(window: BrowserWindow, message: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message,
    buttons: ['Cancel', 'Replace'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}
