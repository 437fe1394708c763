import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { readOutput, runToEnd } from './child-process.mjs';
import { SetupError, step } from './progress.mjs';

/** Debian's package for each library that Electron asks the dynamic linker for. */
const PACKAGE_OF = new Map([
  ['libX11.so.6', 'libx11-6'],
  ['libXcomposite.so.1', 'libxcomposite1'],
  ['libXdamage.so.1', 'libxdamage1'],
  ['libXext.so.6', 'libxext6'],
  ['libXfixes.so.3', 'libxfixes3'],
  ['libXrandr.so.2', 'libxrandr2'],
  ['libasound.so.2', 'libasound2'],
  ['libatk-1.0.so.0', 'libatk1.0-0'],
  ['libatk-bridge-2.0.so.0', 'libatk-bridge2.0-0'],
  ['libatspi.so.0', 'libatspi2.0-0'],
  ['libcairo.so.2', 'libcairo2'],
  ['libcups.so.2', 'libcups2'],
  ['libdbus-1.so.3', 'libdbus-1-3'],
  ['libdrm.so.2', 'libdrm2'],
  ['libexpat.so.1', 'libexpat1'],
  ['libgbm.so.1', 'libgbm1'],
  ['libgio-2.0.so.0', 'libglib2.0-0'],
  ['libglib-2.0.so.0', 'libglib2.0-0'],
  ['libgobject-2.0.so.0', 'libglib2.0-0'],
  ['libgtk-3.so.0', 'libgtk-3-0'],
  ['libnspr4.so', 'libnspr4'],
  ['libnss3.so', 'libnss3'],
  ['libnssutil3.so', 'libnss3'],
  ['libpango-1.0.so.0', 'libpango-1.0-0'],
  ['libsmime3.so', 'libnss3'],
  ['libudev.so.1', 'libudev1'],
  ['libxcb.so.1', 'libxcb1'],
  ['libxkbcommon.so.0', 'libxkbcommon0'],
]);

/**
 * Programs that tests and measurements need: a virtual display, and a watcher of system calls.
 * @typedef {'Xvfb' | 'strace'} Tool
 */

/** @type {Record<Tool, string>} */
const PACKAGE_OF_TOOL = { Xvfb: 'xvfb', strace: 'strace' };

/** Debian's packages for everything that Electron and onnxruntime are linked with, sorted. */
export const RUNTIME_PACKAGES = [
  ...new Set([...PACKAGE_OF.values(), 'libc6', 'libgcc-s1', 'libstdc++6']),
].sort();

/** Opened while running by newer Electrons, so not in the list that the linker reads. */
const OPENED_LATER = ['libgtk-3.so.0'];

/**
 * @param {string} output of `ldd`
 * @returns {string[]} names of the libraries that were not found
 */
export function missingLibraries(output) {
  const missing = [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
  return [...new Set(missing)];
}

/**
 * @param {string[]} libraries
 * @returns {{ packages: string[], unknown: string[] }} Debian's packages, sorted; and libraries whose
 *   package is not known here
 */
export function packagesFor(libraries) {
  const packages = libraries.flatMap((library) => PACKAGE_OF.get(library) ?? []);
  return {
    packages: [...new Set(packages)].sort(),
    unknown: libraries.filter((library) => !PACKAGE_OF.has(library)),
  };
}

/**
 * Newer Debians and Ubuntus have renamed some packages after the change of `time_t` to 64 bits.
 * @param {string[]} packages
 * @param {(name: string) => Promise<boolean>} exists whether the distribution has a package
 */
export async function currentNames(packages, exists) {
  return await Promise.all(
    packages.map(async (name) => ((await exists(`${name}t64`)) ? `${name}t64` : name)),
  );
}

/** @param {string} osRelease content of /etc/os-release */
export function usesApt(osRelease) {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/**
 * @param {string} executable
 * @returns {Promise<string[]>}
 */
async function findMissing(executable) {
  const linked = await readOutput('ldd', [executable]);
  const missing = linked.code === null ? [] : missingLibraries(linked.stdout);
  // By its full path: it is not on every user's PATH.
  const cache = await readOutput('/sbin/ldconfig', ['-p']);
  if (cache.code === 0) {
    const inNeither = OPENED_LATER.filter(
      (name) => !cache.stdout.includes(name) && !linked.stdout.includes(`${name} =>`),
    );
    missing.push(...inNeither);
  }
  return [...new Set(missing)];
}

/** @param {string} name */
function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/**
 * Debian's packages for what is missing, libraries first.
 * @param {string[]} packages of libraries
 * @param {Tool[]} tools
 */
export const withTools = (packages, tools) => [
  ...packages,
  ...tools.map((tool) => PACKAGE_OF_TOOL[tool]),
];

/** @param {string} name */
async function aptHas(name) {
  const { stdout } = await readOutput('apt-cache', ['policy', name]);
  return /Candidate: (?!\(none\))/.test(stdout);
}

/** @param {string[]} packages */
async function installWithApt(packages) {
  /** @type {import('node:child_process').SpawnOptions} */
  const options = {
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  const known = await Promise.all(packages.map(aptHas));
  if (known.includes(false)) await runToEnd('apt-get', ['update', ...quiet], options);
  const names = await currentNames(packages, aptHas);
  const install = ['install', '-y', '--no-install-recommends', ...quiet, ...names];
  return await runToEnd('apt-get', install, options);
}

/**
 * The system's libraries that Electron needs, and the tools that are asked for. On Debian and Ubuntu
 * they are installed when the user is root; otherwise the line to run is in the error.
 * @param {{ executable: string, tools: Tool[] }} needs
 */
export async function ensureSystemLibraries({ executable, tools }) {
  if (process.platform !== 'linux') return;
  const libraries = await findMissing(executable);
  const { packages, unknown } = packagesFor(libraries);
  const absent = tools.filter((tool) => !onPath(tool));
  const wanted = withTools(packages, absent);
  if (wanted.length === 0 && unknown.length === 0) return;

  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!usesApt(osRelease) || unknown.length > 0) {
    const names = [...libraries, ...absent].join(', ');
    throw new SetupError(
      `The system lacks ${names}: install them with its package manager, then run the command again.`,
    );
  }
  const line = async () =>
    `sudo apt-get install --no-install-recommends ${(await currentNames(wanted, aptHas)).join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      `Some system packages are missing; run this line, then the command again:\n  ${await line()}`,
    );
  }
  await step(`Installing the system packages ${wanted.join(' ')}`, async () => {
    if ((await installWithApt(wanted)) !== 0) {
      throw new SetupError(
        `The system packages could not be installed; run this line, then the command again:\n  ${await line()}`,
      );
    }
  });
}
