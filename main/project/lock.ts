import { basename } from 'node:path';
import lockfile from 'proper-lockfile';
import { FailureError } from '../../contract/failure';
import { errorCode, storageFailure } from '../audio/storage-failure';

/** A lock that nobody renewed for so long was left by a process that died. */
const STALE_MS = 3000;
const RENEW_MS = 1000;
const TRY_EVERY_MS = 500;
/** A lock's time may be rounded up by a second. */
const WAIT_MS = STALE_MS + 1500;

/**
 * Keeps other instances, on this machine or another, from writing the project at `path`; resolves
 * with what lets go of it. A lock that a killed process left is waited for and taken over.
 * `onLost` is called when another process took it all the same, after a long sleep for instance.
 * Throws a `FailureError` of kind `usage` when another instance has it.
 */
export async function lockProject(path: string, onLost: () => void): Promise<() => Promise<void>> {
  const retries = {
    retries: Math.ceil(WAIT_MS / TRY_EVERY_MS),
    factor: 1,
    minTimeout: TRY_EVERY_MS,
    maxTimeout: TRY_EVERY_MS,
  };
  try {
    // The file itself may be missing, with only its backup there.
    const release = await lockfile.lock(path, {
      realpath: false,
      stale: STALE_MS,
      update: RENEW_MS,
      retries,
      onCompromised: onLost,
    });
    return () => release().catch(() => undefined);
  } catch (error) {
    if (errorCode(error) !== 'ELOCKED') throw storageFailure(error, path);
    throw new FailureError(
      'usage',
      `${basename(path)} is open in another Timbrel: close it there first.`,
    );
  }
}
