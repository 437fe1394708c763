import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../audio/storage-failure';

/**
 * Makes a folder that only this user may open, and those above it. One that is there stays as it is.
 * Rejects with what the system said, which `mkdir` with `recursive` hides where nothing can be written:
 * there it says that a folder is missing.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}
