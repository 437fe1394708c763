import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const LLAMA_PACKAGE = 'node-llama-cpp';
export const LLAMA_VERSION = '3.22.1';

/** Packages that carry llama.cpp built for a CPU. */
const BUILDS: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/**
 * The binding to llama.cpp, fetched into `folder` when it is first needed: some 85 MB that nobody
 * else does with. Gives the URL to import. Throws an `Error` with a sentence.
 */
export async function installLlama(folder: string): Promise<string> {
  const entry = join(folder, 'node_modules', LLAMA_PACKAGE, 'dist/index.js');
  const build = BUILDS[`${process.platform}-${process.arch}`];
  if (!build) throw new Error(`there is no ${LLAMA_PACKAGE} for ${process.platform} here.`);
  const buildPackage = `@node-llama-cpp/${build}`;
  const here = [entry, join(folder, 'node_modules', buildPackage)];
  const missing = await Promise.all(here.map((path) => stat(path).catch(() => null)));
  if (missing.includes(null)) {
    process.stderr.write(`Fetching ${LLAMA_PACKAGE} ${LLAMA_VERSION} into ${folder}\n`);
    await npmInstall(folder, [LLAMA_PACKAGE, buildPackage]);
  }
  return pathToFileURL(entry).href;
}

async function npmInstall(folder: string, packages: string[]): Promise<void> {
  const npm = process.env.npm_execpath;
  if (!npm) throw new Error(`${LLAMA_PACKAGE} is fetched only when npm runs the command.`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  // Its optional packages are the builds for all other platforms, its scripts would compile one.
  const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  const named = packages.map((name) => `${name}@${LLAMA_VERSION}`);
  try {
    await promisify(execFile)(process.execPath, [npm, 'install', ...flags, ...named], {
      cwd: folder,
    });
  } catch (error) {
    const reason = `${(error as { stderr?: string }).stderr}`.match(/npm error (.*)/)?.[1];
    throw new Error(`${LLAMA_PACKAGE} could not be fetched (${reason ?? 'npm failed'}).`);
  }
}
