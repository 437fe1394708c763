import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './setup/child-process.mjs';
import { ensurePython } from './setup/python.mjs';
import { ROOT } from './setup.mjs';

const TESTS = 'models/training/tests';

/**
 * Runs pytest over the training code. Where there is no Python for it, every file of tests counts
 * as skipped, with the reason.
 * @param {{ gpuLibraries: boolean }} options whether a PyTorch with GPU libraries may be fetched
 * @param {string[]} [args] of pytest
 * @returns {Promise<import('./tally.mjs').Tally>}
 */
export async function runTrainingTests(options, args = []) {
  const found = await ensurePython(ROOT, options);
  if ('reason' in found) {
    const { reason } = found;
    const files = (await readdir(join(ROOT, TESTS))).filter((name) => /^test_.*\.py$/.test(name));
    const skipped = files.sort().map((name) => ({ name: `${TESTS}/${name}`, reason }));
    return { passed: 0, failures: [], skipped };
  }
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-pytest-'));
  try {
    const report = join(folder, 'tally.json');
    const code = await runToEnd(found.python, ['-m', 'pytest', '-p', 'pytest_tally', ...args], {
      cwd: join(ROOT, 'models/training'),
      env: {
        ...process.env,
        PYTHONPATH: join(ROOT, 'scripts/setup'),
        TIMBREL_TALLY: report,
      },
      stdio: 'inherit',
    });
    const written = await readFile(report, 'utf8').catch(() => null);
    /** @type {import('./tally.mjs').Tally} */
    const tally = written
      ? JSON.parse(written)
      : { passed: 0, failures: ['pytest did not finish'], skipped: [] };
    if (code !== 0 && tally.failures.length === 0) tally.failures.push(`pytest ended with ${code}`);
    return tally;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
