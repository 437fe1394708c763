import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNpm } from './child-process.mjs';
import { SetupError, step } from './progress.mjs';

/**
 * @typedef {{ packages?: Record<string, { version?: string, resolved?: string, integrity?: string,
 *   optional?: boolean, link?: boolean }> }} LockFile
 */

/**
 * Whether what npm says it installed is what the lock file asks for. npm writes its own record
 * (node_modules/.package-lock.json) at the very end, so an interrupted installation has none.
 * @param {LockFile} wanted package-lock.json
 * @param {LockFile} installed node_modules/.package-lock.json
 */
export function isInstalled(wanted, installed) {
  const there = installed.packages ?? {};
  const asked = wanted.packages ?? {};
  const complete = Object.entries(asked).every(([path, entry]) => {
    if (path === '') return true;
    // Packages for other platforms are optional and left out.
    if (!there[path]) return entry.optional === true;
    return there[path].version === entry.version && there[path].integrity === entry.integrity;
  });
  return complete && Object.keys(there).every((path) => path in asked);
}

/**
 * @param {string} path
 * @returns {Promise<LockFile | null>}
 */
async function readLockFile(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (
      error instanceof SyntaxError ||
      /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
    )
      return null;
    throw error;
  }
}

/**
 * `npm ci`, only when node_modules is not what package-lock.json says.
 * @param {string} root
 */
export async function ensurePackages(root) {
  const wanted = await readLockFile(join(root, 'package-lock.json'));
  if (!wanted)
    throw new SetupError('package-lock.json is missing or damaged: restore it from git.');
  const installed = await readLockFile(join(root, 'node_modules', '.package-lock.json'));
  if (installed && isInstalled(wanted, installed)) return;

  await step('Installing the npm packages of package-lock.json', async () => {
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const code = await runNpm(args, root);
    if (code !== 0) {
      throw new SetupError(
        'The npm packages could not be installed: check the network and npm’s message above, then run the command again.',
      );
    }
  });
}
