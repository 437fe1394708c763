import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { COMMANDS } from '../commands.mjs';

/**
 * Leaves out of the package what only commands need: they cannot run there.
 * @param {Pick<import('electron-builder').AfterPackContext, 'packager'>} context
 */
export default async function beforePack({ packager }) {
  const { config, projectDir } = packager;
  const unneeded = await onlyForCommands(join(projectDir, 'out/main'), Object.keys(COMMANDS));
  // electron-builder has made one file set of the list by now.
  const [{ filter }] = /** @type {{ filter: string[] }[]} */ (config.files);
  filter.push(...unneeded.map((file) => `!out/main/${file}`));
}

/**
 * Files of a build, relative to it, that are commands or are imported by nothing else.
 * @param {string} folder
 * @param {string[]} commands names of their entries
 */
export async function onlyForCommands(folder, commands) {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  const entries = files.filter((name) => !/[\\/]/.test(name));
  const isCommand = (/** @type {string} */ file) => commands.includes(file.replace(/\.js$/, ''));
  const needed = new Set(entries.filter((entry) => !isCommand(entry)));
  // A set hands out what is added while it is walked.
  for (const file of needed) {
    const code = await readFile(join(folder, file), 'utf8');
    for (const [, path] of code.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+\.js)["']/g)) {
      const imported = relative(folder, resolve(folder, file, '..', path));
      if (files.includes(imported)) needed.add(imported);
    }
  }
  return files.filter((file) => !needed.has(file)).map((file) => file.replaceAll('\\', '/'));
}
