import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * SHA-256 over every file of a folder, sorted by name: name, whether it may be run, and content, or
 * where a link points. Times, owners and the rest of the mode depend on who unpacks, and are left out.
 * @param {string} folder
 */
export async function folderHash(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: relative(folder, path).split(sep).join('/') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = createHash('sha256');
  for (const { path, name } of files) {
    const found = await lstat(path);
    const kind = found.isSymbolicLink() ? 'link' : found.mode & 0o100 ? 'program' : 'file';
    const content = found.isSymbolicLink()
      ? Buffer.from(await readlink(path))
      : await readFile(path);
    hash.update(`${name}\0${kind}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
