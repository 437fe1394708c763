import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOutput, runToEnd } from './child-process.mjs';
import { step } from './progress.mjs';

/** The oldest Python that the training code runs on. */
const NEEDED = [3, 11];

const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python'];

/** The pins, and what of them the tests need. */
const REQUIREMENTS = ['models/training/requirements.txt', 'models/training/requirements-test.txt'];

/**
 * What pip would fetch beside a PyTorch that is built for GPUs: gigabytes that no test needs.
 * @param {string[]} packages
 */
export function holdsGpuLibraries(packages) {
  return packages.some((name) => /^nvidia-|^triton$/.test(name));
}

/**
 * @param {string} printed by `sys.version_info[:2]`, as `3 11`
 */
export function isRecentPython(printed) {
  const [major, minor] = printed.trim().split(' ').map(Number);
  return major === NEEDED[0] && minor >= NEEDED[1];
}

/** @returns {Promise<string | null>} the first recent Python on the PATH */
async function findPython() {
  const print = 'import sys, venv, ensurepip; print(*sys.version_info[:2])';
  for (const candidate of CANDIDATES) {
    const { code, stdout } = await readOutput(candidate, ['-c', print]);
    if (code === 0 && isRecentPython(stdout)) return candidate;
  }
  return null;
}

/**
 * Runs pip in an environment. What it prints goes to stderr unless it is asked for.
 * @param {string} python
 * @param {string[]} args
 * @param {string} root
 */
const pip = (python, args, root) =>
  readOutput(python, ['-m', 'pip', '-qq', '--disable-pip-version-check', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', process.stderr],
  });

/**
 * A Python with the packages that the tests of models/training need, in an environment of its own
 * in .cache/. Says nothing when it is there.
 * @param {string} root
 * @param {{ gpuLibraries: boolean }} options whether a PyTorch with GPU libraries may be fetched
 * @returns {Promise<{ python: string } | { reason: string }>} the executable, or why there is none
 */
export async function ensurePython(root, { gpuLibraries }) {
  const hash = createHash('sha256');
  for (const file of REQUIREMENTS) hash.update(await readFile(join(root, file)));
  const home = join(root, '.cache', 'python');
  const stamp = join(home, '.installed');
  const wanted = hash.digest('hex');
  const windows = process.platform === 'win32';
  const python = windows ? join(home, 'Scripts', 'python.exe') : join(home, 'bin', 'python');
  const installed = await readFile(stamp, 'utf8').catch(() => null);
  if (installed === wanted && existsSync(python)) return { python };

  const base = await findPython();
  if (base === null) {
    return { reason: `no Python ${NEEDED.join('.')} or later with venv on this machine` };
  }
  await rm(stamp, { force: true });
  return await step('Installing the Python packages of models/training', async () => {
    const made = await runToEnd(base, ['-m', 'venv', '--clear', home], {
      stdio: ['ignore', process.stderr, process.stderr],
    });
    if (made !== 0) return { reason: 'Python could not make an environment for the tests' };
    const install = ['install', '--requirement', REQUIREMENTS[1], '--constraint', REQUIREMENTS[0]];
    const plan = await pip(python, [...install, '--dry-run', '--report', '-'], root);
    if (plan.code !== 0) {
      return { reason: 'the Python packages of models/training cannot be had here' };
    }
    /** @type {{ install: { metadata: { name: string } }[] }} */
    const { install: packages } = JSON.parse(plan.stdout);
    if (!gpuLibraries && holdsGpuLibraries(packages.map(({ metadata }) => metadata.name))) {
      return {
        reason:
          'pip would fetch gigabytes of GPU libraries with PyTorch: npm run test:training does it',
      };
    }
    const { code } = await pip(python, [...install, '--no-compile'], root);
    if (code !== 0) return { reason: 'the Python packages of models/training cannot be installed' };
    await writeFile(stamp, wanted);
    return { python };
  });
}
