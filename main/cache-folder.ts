import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the app and the commands keep what they can make again. Never inside a pack: its folder holds
 * what its manifest lists.
 */
export function cacheFolder(): string {
  const { env, platform } = process;
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData/Local'), 'Timbrel', 'Cache');
  }
  if (platform === 'darwin') return join(homedir(), 'Library/Caches/Timbrel');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'timbrel');
}
