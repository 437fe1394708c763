// `npm run bench:frames`: frame callbacks a second of the real window while it generates a pair, with
// `-- --spectra` while spectrograms, pitch and differences are drawn too. Needs a display; without one
// it opens a virtual one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { build } from '../scripts/build.mjs';
import { ROOT, setUpWindow } from '../scripts/setup.mjs';
import { openVirtualDisplay } from '../scripts/virtual-display.mjs';

const TEXT =
  'The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.';

await setUpWindow({ tools: ['Xvfb'] });
await build();
const display = await openVirtualDisplay();
if (display) process.env.DISPLAY = display.name;
const userData = await mkdtemp(join(tmpdir(), 'timbrel-frames-'));
const electron = join(ROOT, 'node_modules/electron');
const app = await _electron.launch({
  executablePath: join(electron, 'dist', await readFile(join(electron, 'path.txt'), 'utf8')),
  args: [
    ROOT,
    `--user-data-dir=${userData}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
});
try {
  const page = await app.firstWindow();
  await page.getByRole('button', { name: /^Runs on/ }).waitFor({ timeout: 60_000 });
  await page.getByRole('textbox', { name: 'Script text' }).fill(TEXT);
  if (process.argv.includes('--spectra')) {
    for (const name of ['Spectrogram', 'Differences']) {
      await page.getByRole('button', { name, exact: true }).click();
    }
  }
  await page.evaluate(() => {
    window.frames60 = [];
    const count = (now) => {
      window.frames60.push(now);
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  const measure = async (wait) => {
    const from = await page.evaluate(() => performance.now());
    await wait();
    return page.evaluate((start) => {
      const times = window.frames60.filter((time) => time >= start);
      const gaps = times.slice(1).map((time, i) => time - times[i]);
      const sorted = [...gaps].sort((a, b) => a - b);
      const seconds = (times[times.length - 1] - times[0]) / 1000;
      return {
        frames: times.length,
        perSecond: Number((gaps.length / seconds).toFixed(1)),
        gapMs95: Number(sorted[Math.floor(sorted.length * 0.95)].toFixed(1)),
        longestGapMs: Number(sorted[sorted.length - 1].toFixed(1)),
      };
    }, from);
  };
  const idle = await measure(() => page.waitForTimeout(2000));
  await page.getByRole('button', { name: 'Generate pair', exact: true }).click();
  await page.locator('[aria-label="Lane A"][data-phase="generating"]').waitFor();
  const generating = await measure(() =>
    page.locator('[aria-label="Lane B"][data-phase="ready"]').waitFor({ timeout: 120_000 }),
  );
  console.log(JSON.stringify({ idle, generating }));
} finally {
  await app.close();
  display?.close();
  await rm(userData, { recursive: true, force: true });
}
process.exit();
