// `npm run bench:switching`: how long after a key the other lane is heard, in the real window while
// it plays. Needs a display; without one it opens a virtual one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { build } from '../scripts/build.mjs';
import { ROOT, setUpWindow } from '../scripts/setup.mjs';
import { openVirtualDisplay } from '../scripts/virtual-display.mjs';

const TEXT =
  'The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.';
const SWITCHES_A_MODE = 30;

/** Notes when keys come, and when the mixer says that it has switched. */
function watch() {
  window.switches = { keys: [], done: [], contexts: [] };
  const { switches } = window;
  window.addEventListener(
    'keydown',
    (event) => event.code === 'Backquote' && switches.keys.push(event.timeStamp),
    { capture: true },
  );
  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    constructor(...options) {
      super(...options);
      switches.contexts.push(this);
    }
  };
  const post = MessagePort.prototype.postMessage;
  let waited = null;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message?.type === 'select') {
      waited = message.sequence;
      if (!this.isWatched) {
        this.isWatched = true;
        this.addEventListener('message', ({ data }) => {
          if (waited === null || data.sequence < waited) return;
          waited = null;
          switches.done.push(performance.now());
        });
      }
    }
    return post.call(this, message, ...rest);
  };
}

await setUpWindow({ tools: ['Xvfb'] });
await build();
const display = await openVirtualDisplay();
if (display) process.env.DISPLAY = display.name;
const userData = await mkdtemp(join(tmpdir(), 'timbrel-switching-'));
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
  await page.addInitScript(watch);
  await page.reload();
  await page.getByRole('button', { name: /^Runs on/ }).waitFor({ timeout: 60_000 });
  await page.getByRole('textbox', { name: 'Script text' }).fill(TEXT);
  await page.getByRole('button', { name: 'Generate pair', exact: true }).click();
  await page.locator('[aria-label="Lane B"][data-phase="ready"]').waitFor({ timeout: 120_000 });
  await page.locator('[data-words="B"][role="slider"]').waitFor();
  await page.locator('[data-plot="A"]').focus();
  await page.keyboard.press('l');
  await page.keyboard.press('Space');
  for (const mode of ['Time', 'Word', 'Restart']) {
    await page.getByText(mode, { exact: true }).click();
    await page.evaluate(() => {
      for (const list of ['keys', 'done']) window.switches[list].length = 0;
    });
    for (let i = 0; i < SWITCHES_A_MODE; i++) {
      await page.keyboard.press('Backquote');
      await page.waitForTimeout(150 + 7 * (i % 5));
    }
    const { keys, done, ...output } = await page.evaluate(() => {
      const { keys, done, contexts } = window.switches;
      const [{ sampleRate, baseLatency, outputLatency }] = contexts;
      return { keys, done, sampleRate, baseLatency, outputLatency };
    });
    const sorted = done.map((at, i) => at - keys[i]).sort((a, b) => a - b);
    const at = (share) => Number(sorted[Math.floor(share * (sorted.length - 1))].toFixed(1));
    console.log(
      JSON.stringify({
        mode,
        switches: sorted.length,
        unanswered: keys.length - done.length,
        // There and back again: the mixer switched before it said so.
        keyToMixerMs: { median: at(0.5), p95: at(0.95), longest: at(1) },
        // What the mixer renders at once, and is heard from its first sample on.
        blockMs: Number(((128 / output.sampleRate) * 1000).toFixed(1)),
        outputMs: Number(((output.baseLatency + output.outputLatency) * 1000).toFixed(1)),
      }),
    );
  }
} finally {
  await app.close();
  display?.close();
  await rm(userData, { recursive: true, force: true });
}
process.exit();
