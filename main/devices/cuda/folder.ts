import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../cache-folder';
import { CUDA_FOLDER } from '../../inference/messages';
import { WHEELS_VERSION, type Wheel, wheelsHere } from './wheels';

/** Where all that belongs to CUDA lies, of this version of the program and of earlier ones. */
export const cudaHome = () => join(cacheFolder(), 'cuda');

/** Where the libraries of these wheels belong. Its name says what they are, for it is there only when they are whole. */
export function folderFor(wheels: readonly Wheel[], home = cudaHome()): string {
  const hash = createHash('sha256').update(JSON.stringify(wheels.map(({ sha256 }) => sha256)));
  return join(home, `${WHEELS_VERSION}-${hash.digest('hex').slice(0, 12)}`);
}

/**
 * Has this process, and those that it starts, use the libraries for CUDA, if they were fetched. A folder that the user
 * names in the environment is left as it is.
 */
export function offerCuda(): void {
  const wheels = wheelsHere();
  if (wheels === null || process.env[CUDA_FOLDER] !== undefined) return;
  const folder = folderFor(wheels);
  if (isFolder(folder)) process.env[CUDA_FOLDER] = folder;
}

/** Whatever stands in the way of a cache, it holds no libraries. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
