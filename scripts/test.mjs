// `npm test`: all set-up, the checks, the build, every test, and one closing line. With filters,
// only the test files of vitest whose path holds one of them.
import { join } from 'node:path';
import { build } from './build.mjs';
import { runToEnd } from './setup/child-process.mjs';
import { runCommand, SetupError, say } from './setup/progress.mjs';
import { ROOT, setUpWindow } from './setup.mjs';
import { closingLines, sum, tally } from './tally.mjs';
import { runTrainingTests } from './training-tests.mjs';
import { openVirtualDisplay } from './virtual-display.mjs';

const CHECKS = [
  { name: 'biome check', args: ['@biomejs/biome/bin/biome', 'check', '.'] },
  { name: 'tsc -b', args: ['typescript/bin/tsc', '-b'] },
];

/**
 * @param {string[]} args file filters and options of vitest
 * @returns {Promise<import('./tally.mjs').Tally>}
 */
async function runVitest(args) {
  const { parseCLI, startVitest } = await import('vitest/node');
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  /** @type {import('./tally.mjs').Tally} */
  let result = { passed: 0, failures: ['vitest did not finish'], skipped: [] };
  const vitest = await startVitest('test', filter, {
    ...options,
    watch: false,
    reporters: [
      'default',
      {
        onTestRunEnd(modules, unhandledErrors) {
          result = tally(modules, unhandledErrors);
        },
      },
    ],
  });
  await vitest.close();
  return result;
}

/** @returns {Promise<import('./tally.mjs').Tally>} */
async function runEverything() {
  /** @type {import('./tally.mjs').Tally} */
  const checks = { passed: 0, failures: [], skipped: [] };
  for (const { name, args } of CHECKS) {
    say(`> ${name}`);
    const [script, ...rest] = args;
    const code = await runToEnd(process.execPath, [join(ROOT, 'node_modules', script), ...rest], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    if (code === 0) checks.passed++;
    else checks.failures.push(name);
  }
  try {
    await build();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return { ...checks, failures: [...checks.failures, 'build'] };
  }
  const filters = process.argv.slice(2);
  const tests = await runVitest(filters);
  if (filters.length > 0) return sum(checks, tests);
  say('> pytest models/training');
  return sum(checks, tests, await runTrainingTests({ gpuLibraries: false }));
}

process.chdir(ROOT);
await runCommand(async () => {
  await setUpWindow({ tools: ['Xvfb', 'strace'] });
  const display = await openVirtualDisplay();
  try {
    if (display) process.env.DISPLAY = display.name;
    const result = await runEverything();
    console.log(closingLines(result).join('\n'));
    return result.failures.length === 0 ? 0 : 1;
  } finally {
    display?.close();
  }
});
process.exit();
