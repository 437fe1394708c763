import type { BigIntStats } from 'node:fs';
import { constants, lstat, open, realpath } from 'node:fs/promises';
import { FailureError } from '../../contract/failure';

/**
 * Looks at a file of a pack before anything is read of it: a regular file, with one name, whose path
 * leads through no link. A FIFO would never end, and ONNX Runtime follows hard links out of a pack.
 * `path` is absolute. `advice` ends the sentence. Throws a `FailureError` of kind `pack`.
 */
export async function lookAtPlainFile(path: string, advice: string): Promise<BigIntStats> {
  const refuse = (what: string, cause?: unknown) =>
    new FailureError('pack', `${path} ${what}: ${advice}`, { cause });
  const found = await lstat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.code})`, error);
  });
  if (!found.isFile() || found.nlink !== 1n || (await realpath(path)) !== path) {
    throw refuse('is a link or not a plain file');
  }
  return found;
}

/** Of Windows, which has neither. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = constants;

/**
 * Reads a file that `lookAtPlainFile` saw. What was put in its place since is not read: it is opened
 * without following a link or waiting for a FIFO, and must be the same file. Throws as that does.
 */
export async function readPlainFile(
  path: string,
  seen: BigIntStats,
  advice: string,
): Promise<Buffer> {
  const refuse = (what: string, cause?: unknown) =>
    new FailureError('pack', `${path} ${what}: ${advice}`, { cause });
  try {
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const { ino, dev, size } = await file.stat({ bigint: true });
      if (ino !== seen.ino || dev !== seen.dev || size !== seen.size) {
        throw refuse('changed while it was read');
      }
      const bytes = Buffer.alloc(Number(size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      if (bytesRead !== bytes.length) throw refuse('changed while it was read');
      return bytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw refuse(`cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
}
