import { constants } from 'node:fs';
import { lstat, open, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { FailureError } from '../../contract/failure';
import { shortened } from '../../contract/sentence';
import { errorCode, storageFailure } from '../audio/storage-failure';

/** Of a name inside a message. */
const MAX_NAME_LENGTH = 80;

type Kind = Pick<
  Awaited<ReturnType<typeof lstat>>,
  'isSymbolicLink' | 'isDirectory' | 'isFIFO' | 'isSocket' | 'isFile'
>;

/**
 * Throws a `storage` failure unless `path` is free or a regular file: a device, a pipe, a socket, a
 * folder or a link, wherever it leads, is never written and never replaced. Whatever takes the path
 * afterwards is replaced by name, for files are written beside it and renamed.
 */
export async function refuseToReplace(path: string): Promise<void> {
  let found: Kind;
  try {
    found = await lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw storageFailure(error, dirname(path));
  }
  if (found.isFile()) return;
  throw new FailureError(
    'storage',
    `${nameOf(path)} in ${dirname(resolve(path))} is ${kindOf(found)}, which is never replaced: choose another name.`,
  );
}

/**
 * The bytes of a regular file, or of one that a link leads to, of at most `most` bytes. Throws a
 * `usage` failure for anything else and for a larger one, before it is read, and passes on what the
 * system says of one that cannot be read.
 */
export async function readRegularFile(path: string, most: number): Promise<Buffer> {
  // Looked at first, for to open a device can set it going.
  refuseToRead(path, await stat(path), most);
  // A pipe that took its place would keep the call waiting for a writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    refuseToRead(path, found, most);
    const bytes = Buffer.allocUnsafe(found.size);
    let length = 0;
    while (length < bytes.byteLength) {
      const { bytesRead } = await handle.read(bytes, length, bytes.byteLength - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

function refuseToRead(path: string, found: Kind & { size: number }, most: number): void {
  if (!found.isFile()) {
    throw new FailureError(
      'usage',
      `${nameOf(path)} is ${kindOf(found)}, not a file: choose another one.`,
    );
  }
  if (found.size > most) {
    throw new FailureError(
      'usage',
      `${nameOf(path)} is too large: choose a file of at most ${showSize(most)}.`,
    );
  }
}

const nameOf = (path: string) => shortened(basename(path), MAX_NAME_LENGTH);

function showSize(bytes: number): string {
  const megabytes = bytes / 2 ** 20;
  return megabytes >= 1 ? `${megabytes} MB` : `${bytes / 2 ** 10} kB`;
}

function kindOf(found: Kind): string {
  if (found.isSymbolicLink()) return 'a link';
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}
