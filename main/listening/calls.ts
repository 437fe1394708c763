import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { app, type BrowserWindow, dialog } from 'electron';
import { FailureError } from '../../contract/failure';
import type { ListeningResult } from '../../contract/listening';
import { replaceFile } from '../audio/durable-file';
import { fileName } from '../audio/file-name';
import { storageFailure } from '../audio/storage-failure';
import type { Handlers } from '../ipc';
import type { Studio } from '../studio';
import { generateTake } from './generate-take';
import { ListeningTests } from './listening-tests';
import type { TakeSource } from './preparation';

type ListeningCalls =
  | 'listListeningTests'
  | 'createListeningTest'
  | 'prepareListeningTest'
  | 'cancelListeningPreparation'
  | 'removeListeningTest'
  | 'getListeningTrial'
  | 'answerListeningTrial'
  | 'getListeningResult'
  | 'exportListeningTest';

/** What main does for the calls about blind tests, which are read when the first one comes. */
export function listeningHandlers(
  studio: Studio,
  window: () => BrowserWindow,
  /** Files that may be revealed. */
  exported: Set<string>,
  onChanged: () => void,
): Pick<Handlers, ListeningCalls> {
  let opening: Promise<ListeningTests> | null = null;
  const tests = () => {
    opening ??= ListeningTests.open(
      join(app.getPath('userData'), 'listening'),
      takeSource(studio),
      { onChanged },
    ).catch((error) => {
      // The next call tries again.
      opening = null;
      throw error;
    });
    return opening;
  };
  return {
    listListeningTests: async () => {
      const opened = await tests();
      return { tests: opened.list(), unreadable: opened.unreadable };
    },
    createListeningTest: async (request) => (await tests()).create(request),
    prepareListeningTest: async ({ test }) => (await tests()).prepare(test),
    cancelListeningPreparation: async ({ test }) => (await tests()).cancelPreparation(test),
    removeListeningTest: async ({ test }) => (await tests()).remove(test),
    getListeningTrial: async ({ test }) => (await tests()).trial(test),
    answerListeningTrial: async ({ test, trial, answer, plays }) =>
      (await tests()).answer(test, trial, answer, plays),
    getListeningResult: async ({ test }) => (await tests()).result(test),
    exportListeningTest: async ({ test, format }) => {
      const stored = (await tests()).finished(test);
      const result = await (await tests()).result(test);
      const path = await askWhere(window(), result, format);
      if (path === null) return null;
      const text =
        format === 'html'
          ? await (await import('./report')).reportPage(stored, app.getVersion())
          : (await import('./trial-table')).trialsAsCsv(stored.test, stored.answers);
      await replaceFile(path, text);
      exported.add(path);
      return path;
    },
  };
}

function takeSource(studio: Studio): TakeSource {
  return {
    list: () => studio.takes.list(),
    readWav: async (take) => {
      const path = studio.takes.wavPath(take);
      try {
        return await readFile(path);
      } catch (error) {
        throw storageFailure(error, path);
      }
    },
    generate: (text, settings, signal) => generateTake(studio.jobs, text, settings, signal),
    packSha256: () => studio.pack.sha256,
  };
}

/** The dialog itself asks before a file is replaced; null for nowhere. */
async function askWhere(
  window: BrowserWindow,
  { conditions, createdAt }: ListeningResult,
  format: 'html' | 'csv',
): Promise<string | null> {
  const name = fileName(
    `Blind test ${conditions.join(' against ')} ${createdAt.slice(0, 10)}`,
    `.${format}`,
  );
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: format === 'html' ? 'Export report' : 'Export table',
    defaultPath: join(app.getPath('documents'), name),
    filters: [{ name: format.toUpperCase(), extensions: [format] }],
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  if (canceled || !filePath) return null;
  if (extname(filePath).toLowerCase() === `.${format}`) return filePath;
  const path = `${filePath}.${format}`;
  // The dialog asked about the very name that was typed, and about nothing else.
  if (existsSync(path)) {
    throw new FailureError('storage', `${basename(path)} is there already: choose another name.`);
  }
  return path;
}
