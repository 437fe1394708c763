import { homedir } from 'node:os';
import { join } from 'node:path';
import { FailureError } from '../contract/failure';

/**
 * Where the app and the commands keep what they can make again. Never inside a pack: its folder holds
 * what its manifest lists. Throws a `storage` failure for a user without a home folder.
 */
export function cacheFolder(): string {
  const { env, platform } = process;
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA ?? join(home(), 'AppData/Local'), 'Timbrel', 'Cache');
  }
  if (platform === 'darwin') return join(home(), 'Library/Caches/Timbrel');
  return join(env.XDG_CACHE_HOME || join(home(), '.cache'), 'timbrel');
}

function home(): string {
  try {
    return homedir();
  } catch (error) {
    // Neither a variable nor the system's list of users names one.
    throw new FailureError(
      'storage',
      'This user has no home folder: set the variable HOME to a folder, then try again.',
      { cause: error },
    );
  }
}
