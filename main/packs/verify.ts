import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../contract/failure';
import type { Manifest } from './manifest';
import { lookAtPlainFile } from './plain-file';
import type { VerifiedFiles } from './verified-files';

export const RESTORE = 'restore the voice pack from where it came.';

/** Files that are hashed at a time: a process may open only so many. */
const AT_ONCE = 8;

/**
 * Checks every file that a pack's manifest lists: it is there, a plain file of the folder itself,
 * and has the size and the SHA-256 the manifest promises. A file that is as `verified` remembers it
 * is not read again. Throws a `FailureError` of kind `pack`.
 */
export async function verifyFiles(
  folder: string,
  files: Manifest['files'],
  verified?: VerifiedFiles,
): Promise<void> {
  const root = await realpath(folder);
  await verified?.load();
  const rest = Object.entries(files).values();
  const verifyRest = async () => {
    for (const [name, expected] of rest) await verifyFile(root, name, expected, verified);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, verifyRest));
  await verified?.save();
}

async function verifyFile(
  root: string,
  name: string,
  expected: Manifest['files'][string],
  verified?: VerifiedFiles,
): Promise<void> {
  const path = join(root, name);
  const refuse = (what: string) => new FailureError('pack', `${path} ${what}: ${RESTORE}`);
  const found = await lookAtPlainFile(path, RESTORE);
  // Before it is hashed, which would take long for a file that is not what the pack says.
  if (found.size !== BigInt(expected.bytes)) {
    throw refuse(`was altered, expected ${expected.bytes} bytes, found ${found.size}`);
  }
  if (verified?.knows(path, found, expected.sha256)) return;
  const sha256 = await hashFile(path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read (${error.code})`);
  });
  if (sha256 !== expected.sha256) {
    throw refuse(`was altered, expected SHA-256 ${expected.sha256}, found ${sha256}`);
  }
  verified?.remember(path, found, sha256);
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
