import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { RECORD } from '../setup/electron-runtime.mjs';

/**
 * Takes out what only a development runtime needs, its default app and the note of where it came
 * from, and what lies beside the voice pack without being of it, such as the plots of its report.
 * @param {import('electron-builder').AfterPackContext} context
 */
export default async function afterPack({ appOutDir, packager }) {
  const resources = packager.getResourcesDir(appOutDir);
  for (const path of [
    join(resources, 'app'),
    join(resources, 'default_app.asar'),
    join(appOutDir, RECORD),
  ]) {
    await rm(path, { recursive: true, force: true });
  }
  await keepListedFiles(join(resources, 'models/default'));
}

/**
 * Leaves of a voice pack's folder its manifest and the files that this lists.
 * @param {string} pack
 */
export async function keepListedFiles(pack) {
  const manifest = JSON.parse(await readFile(join(pack, 'pack.json'), 'utf8'));
  const listed = new Set(['pack.json', ...Object.keys(manifest.files)]);
  const entries = await readdir(pack, { recursive: true, withFileTypes: true });
  const folders = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) folders.push(path);
    else if (!listed.has(relative(pack, path).split(sep).join('/'))) await rm(path);
  }
  // The innermost first; one that still holds something stays.
  for (const folder of folders.sort().reverse()) await rmdir(folder).catch(() => undefined);
}
