// `npm run trust`: every attack of tests/trust in full, and the table in docs/trust.md. With names, only the files
// whose path holds one of them, and their rows of the table.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { runCommand, say } from './setup/progress.mjs';
import { ROOT, setUpWindow } from './setup.mjs';
import { tally } from './tally.mjs';
import { trustRows, withTrustRows } from './trust-table.mjs';
import { openVirtualDisplay } from './virtual-display.mjs';

const PAGE = join(ROOT, 'docs', 'trust.md');

process.chdir(ROOT);
await runCommand(async () => {
  const runtime = await setUpWindow({ tools: ['Xvfb', 'strace'] });
  await build();
  const display = await openVirtualDisplay();
  try {
    if (display) process.env.DISPLAY = display.name;
    process.env.TIMBREL_TRUST = 'full';
    const { startVitest } = await import('vitest/node');
    const names = process.argv.slice(2);
    /** @type {import('../tests/trust/figures').Figure[]} */
    const figures = [];
    /** @type {string[]} */
    let failures = ['vitest did not finish'];
    const vitest = await startVitest(
      'test',
      names.length > 0 ? names.map((name) => `tests/trust/${name}`) : ['tests/trust/'],
      {
        watch: false,
        reporters: [
          'default',
          {
            onTestRunEnd(modules, unhandledErrors) {
              for (const module of modules) {
                for (const test of module.children.allTests()) {
                  figures.push(...(test.meta().trust ?? []));
                }
              }
              failures = tally(modules, unhandledErrors).failures;
            },
          },
        ],
      },
    );
    await vitest.close();
    const cores = cpus();
    const machine = `${cores.length} cores of ${cores[0]?.model.trim() ?? 'an unnamed processor'}, ${process.platform} ${process.arch}, Electron ${runtime.version}`;
    const rows = trustRows(figures);
    for (const row of rows.values()) console.log(row);
    await writeFile(PAGE, withTrustRows(await readFile(PAGE, 'utf8'), rows, machine));
    for (const failure of failures) say(`failed: ${failure}`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    display?.close();
  }
});
process.exit();
