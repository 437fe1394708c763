import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, storageFailure } from './storage-failure';

/**
 * Replaces `path`, or leaves what was there: after this resolves the new bytes survive a power cut.
 * One writer a file: the temporary file beside it has a fixed name, so that a kill litters nothing.
 */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeSynced(temporary, bytes, 'w');
    await renameSynced(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw storageFailure(error, dirname(path));
  }
}

/** Writes a whole file and waits until it is on the disk; its size is checked, not believed. */
export async function writeSynced(
  path: string,
  bytes: Uint8Array | string,
  flag: 'w' | 'wx',
): Promise<void> {
  const expected = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength;
  const handle = await open(path, flag);
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
