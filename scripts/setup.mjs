import './setup/node-version.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureRuntime } from './setup/electron-runtime.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { ensureSystemLibraries } from './setup/system-libraries.mjs';

/** The repository's folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The npm packages: all that the commands without a window need. Says nothing when they are there. */
export async function setUpPackages() {
  await ensurePackages(ROOT);
}

/**
 * The npm packages, Electron's runtime and the system's libraries. Says nothing when all is there.
 * @param {{ tools?: import('./setup/system-libraries.mjs').Tool[] }} [options] what is needed beside the app, as for tests
 */
export async function setUpWindow({ tools = [] } = {}) {
  await ensurePackages(ROOT);
  const runtime = await ensureRuntime(ROOT);
  await ensureSystemLibraries({ executable: runtime.executable, tools });
  return runtime;
}

/** Where the user is: npm starts scripts in the repository, wherever it was called. */
export function userFolder() {
  const here = process.cwd();
  return here === ROOT ? (process.env.INIT_CWD ?? here) : here;
}
