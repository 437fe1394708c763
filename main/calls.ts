import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { app, type BrowserWindow, dialog, nativeImage, shell } from 'electron';
import log from 'electron-log/main';
import { FailureError, toFailure } from '../contract/failure';
import { exportTake } from './audio/export';
import { freeName, sidecarPath } from './audio/file-name';
import { hasOwnSidecar } from './audio/provenance';
import { storageFailure } from './audio/storage-failure';
import { cacheFolder } from './cache-folder';
import type { Cuda } from './devices/cuda/cuda';
import type { Handlers } from './ipc';
import { listeningHandlers } from './listening/calls';
import type { Memory } from './memory';
import { projectHandlers } from './project/calls';
import type { OpenProject } from './project/open-project';
import type { Studio } from './studio';
import type { Updates } from './update/updates';

/** What main does for each call of the contract. */
export function callHandlers(
  studio: Studio,
  memory: Memory,
  projects: OpenProject,
  updates: Updates,
  cuda: Cuda,
  window: () => BrowserWindow,
  onListening: () => void,
): Handlers {
  /** What the user chose to write; nothing else may be revealed. */
  const exported = new Set<string>();
  /** Of this launch, and of nobody else: the folder of temporary files is everybody's. */
  let drags: Promise<string> | null = null;
  const folderForDrags = () => {
    drags ??= mkdtemp(join(app.getPath('temp'), 'timbrel-drag-')).catch((error) => {
      drags = null;
      throw storageFailure(error, app.getPath('temp'));
    });
    return drags;
  };
  return {
    getState: () => ({
      version: app.getVersion(),
      engine: studio.engine,
      preferences: memory.preferences,
      canUpdate: updates.isPossible,
    }),
    getFolders: () => ({
      user: app.getPath('userData'),
      takes: resolve(studio.takesFolder),
      cache: cacheFolder(),
      logs: app.getPath('logs'),
    }),
    restartEngine: () => studio.restartEngine(),
    openChromiumLicences: async () => {
      const problem = await shell.openPath(chromiumLicences());
      if (problem) {
        throw new FailureError(
          'runtime',
          'The licences could not be opened: open LICENSES.chromium.html in Timbrel’s folder.',
        );
      }
    },
    checkForUpdate: () => updates.check(),
    downloadUpdate: () => updates.download(),
    cancelUpdate: () => updates.cancel(),
    installUpdate: () => updates.install(),
    getCuda: () => cuda.state,
    fetchCuda: () => {
      // Its state tells what came of it.
      cuda.fetch().catch((error) => log.warn(toFailure(error).message));
    },
    cancelCuda: () => cuda.cancel(),
    removeCuda: () => cuda.remove(),
    setPreferences: (change) => memory.setPreferences(change),

    inspectText: ({ text, pronunciations }) => studio.pack.frontEnd.inspect(text, pronunciations),
    generate: (request) => studio.jobs.enqueue(request),
    cancel: ({ job }) => studio.jobs.cancel(job),
    getVoiceSample: ({ voice }) => studio.pack.voiceSample(voice),

    listTakes: () => studio.takes.list(),
    listUnreadableTakes: () => studio.takes.setAside.map(({ message }) => message),
    renameTake: ({ take, name }) => studio.takes.rename(take, name),
    starTake: ({ take, starred }) => studio.takes.star(take, starred),
    removeTake: ({ take }) => studio.takes.remove(take),
    restoreTake: ({ take }) => studio.takes.restore(take),
    readTake: async ({ take }) => ({
      take: studio.takes.get(take),
      sound: await studio.takes.readSound(take),
      rounds: await studio.takes.readRounds(take),
    }),
    getWordTimes: ({ take }) => studio.wordTimes(take),
    dragTake: async ({ take }) => {
      const file = await studio.takes.wavForDrag(take, await folderForDrags());
      const icon = nativeImage
        .createFromPath(join(app.getAppPath(), 'assets/icon-256.png'))
        .resize({ width: 64 });
      window().webContents.startDrag({ file, icon });
    },
    exportTake: async ({ take: id, settings }) => {
      const take = studio.takes.get(id);
      const target = await askWhere(window(), take.name);
      if (target === null) return null;
      const { samples, sampleRate } = await studio.takes.readSound(id);
      const version = app.getVersion();
      const report = await exportTake({ take, samples, sampleRate, settings, version, ...target });
      exported.add(report.path);
      memory.setPreferences({ export: settings });
      return report;
    },
    revealExport: ({ path }) => {
      if (!exported.has(path)) {
        throw new FailureError('usage', 'Only files exported since the start can be shown.');
      }
      shell.showItemInFolder(path);
    },

    getGroup: ({ token, theta }) => studio.group(token, theta),
    hearSwap: ({ take, frame, token }) => studio.hearSwap(take, frame, token),
    ...listeningHandlers(studio, window, exported, onListening),
    ...projectHandlers(studio, memory, projects, window, exported),
  };
}

/** Electron brings it beside its program; on a Mac that is inside the app, and the package's own. */
function chromiumLicences(): string {
  const folder =
    process.platform === 'darwin' && app.isPackaged
      ? process.resourcesPath
      : dirname(app.getPath('exe'));
  return join(folder, 'LICENSES.chromium.html');
}

/** Where to write a WAV file, and whether that may replace what is there; null for nowhere. */
async function askWhere(
  window: BrowserWindow,
  name: string,
): Promise<{ path: string; overwrite: boolean } | null> {
  const folder = app.getPath('documents');
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'Export WAV',
    defaultPath: join(folder, await freeName(folder, name)),
    filters: [{ name: 'WAV', extensions: ['wav'] }],
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  if (canceled || !filePath) return null;
  const path = /\.wav$/i.test(filePath) ? filePath : `${filePath}.wav`;
  // The dialog asked about the very name that was typed, and about nothing else; but the sidecar
  // that an export left beside that file goes with it.
  const agreed = path === filePath && existsSync(path);
  const covered = agreed ? [path, ...((await hasOwnSidecar(path)) ? [sidecarPath(path)] : [])] : [];
  const taken = [path, sidecarPath(path)].filter(
    (file) => existsSync(file) && !covered.includes(file),
  );
  if (taken.length === 0) return { path, overwrite: agreed };
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: `${taken.map((file) => basename(file)).join(' and ')} would be replaced.`,
    buttons: ['Cancel', 'Replace'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1 ? { path, overwrite: true } : null;
}
