import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeLicences } from './licences.mjs';
import { runToEnd } from './setup/child-process.mjs';
import { SetupError, step } from './setup/progress.mjs';
import { ROOT } from './setup.mjs';

const SOURCES = [
  'assets',
  'bench',
  'contract',
  'LICENSE',
  'main',
  // Known by its hash (`main/packs/shipped.ts`).
  'models/default/pack.json',
  'preload',
  'renderer',
  'scripts/commands.mjs',
  'scripts/licences.mjs',
  'electron.vite.config.ts',
  'package-lock.json',
  'package.json',
  'tsconfig.base.json',
];
const STAMP = join(ROOT, 'out', '.sources');

/**
 * Every file under the paths, sorted; tests are left out, for they are not built.
 * @param {string[]} paths
 * @returns {Promise<string[]>}
 */
async function listFiles(paths) {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(
        (error) => {
          if (error.code === 'ENOTDIR') return null;
          if (error.code === 'ENOENT') return [];
          throw error;
        },
      );
      if (!entries) return [path];
      return entries
        .filter((entry) => entry.isFile() && !/\.test\.[a-z]+$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  return lists.flat().sort();
}

/**
 * Hash of the names and contents of all files under the paths.
 * @param {string[]} paths relative to `root`
 * @param {string} root
 */
export async function hashFiles(paths, root) {
  const hash = createHash('sha256');
  for (const file of await listFiles(paths.map((path) => join(root, path)))) {
    const content = await readFile(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * Builds the app and the commands into out/ when their sources changed. Needs the npm packages.
 * @returns {Promise<string>} hash of the sources that out/ was built from
 */
export async function build() {
  const sources = await hashFiles(SOURCES, ROOT);
  const built = await readFile(STAMP, 'utf8').catch(() => null);
  if (built === sources) return sources;

  await step('Building', async () => {
    await rm(STAMP, { force: true });
    const builder = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const code = await runToEnd(process.execPath, [builder, 'build', '--logLevel', 'warn'], {
      cwd: ROOT,
      // Whatever is asked of the caller, such as NODE_ENV=test, what is built is the product.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', process.stderr, process.stderr],
    });
    if (code !== 0) throw new SetupError('The build failed: its message is above.');
    await writeLicences(ROOT);
    await writeFile(STAMP, sources);
  });
  return sources;
}
