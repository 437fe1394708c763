import { dirname } from 'node:path';
import { replaceFile } from '../audio/durable-file';
import { makeFolder } from './make-folder';

/** Replaces a file of the cache. Where it cannot be written, what it says is found out again at the next launch. */
export async function replaceCacheFile(file: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(file));
    await replaceFile(file, text);
  } catch {
    // Nothing but time is lost.
  }
}
