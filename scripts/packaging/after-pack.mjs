import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORD } from '../setup/electron-runtime.mjs';

/**
 * Takes out what only a development runtime needs: its default app and the note of where it
 * came from.
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
}
