import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refuseToReplace } from '../disk/regular-file';
import { errorCode, storageFailure } from './storage-failure';

/** Of files that only this user may open. */
export const PRIVATE = 0o600;

/**
 * Replaces `path`, or leaves what was there: after this resolves the new bytes survive a power cut.
 * Anything but a regular file is refused. One writer a file: the temporary file beside it has a fixed
 * name, so that a kill litters nothing. `mode` is the new file's, less what the system's mask takes.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array | string,
  mode?: number,
): Promise<void> {
  const temporary = `${path}.tmp`;
  await refuseToReplace(path);
  await refuseToReplace(temporary);
  try {
    // What a killed writer left goes first: 'wx' opens nothing that is there, and no link.
    await rm(temporary, { force: true });
    await writeSynced(temporary, bytes, mode);
    await refuseToReplace(path);
    await renameSynced(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw storageFailure(error, dirname(path));
  }
}

/** Writes a whole new file and waits until it is on the disk; its size is checked, not believed. */
export async function writeSynced(
  path: string,
  bytes: Uint8Array | string,
  mode?: number,
): Promise<void> {
  const expected = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength;
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(bytes);
    const { size } = await handle.stat();
    if (size !== expected) throw new Error(`${size} of ${expected} bytes were written`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renames within a folder, so that the new name survives a power cut as well. */
export async function renameSynced(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder, and journals names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Network and FUSE file systems may not know how; the file itself is synced already.
    if (errorCode(error) !== 'EINVAL' && errorCode(error) !== 'ENOTSUP') throw error;
  } finally {
    await handle.close();
  }
}
