// `npm run soak -- 200`: kills the real app with SIGKILL at random moments while a project is edited
// and its lines are spoken, so many times, and opens the project again after each. Prints how many
// projects could not be read, how often the backup was needed, and how old the newest edit on the
// disk was when the kill came. Needs a display; without one it opens a virtual one.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { _electron } from 'playwright-core';
import { build } from '../scripts/build.mjs';
import { ROOT, setUpWindow } from '../scripts/setup.mjs';
import { openVirtualDisplay } from '../scripts/virtual-display.mjs';

const kills = Number(process.argv[2] ?? 200);
const LINES = 40;
/** The kill comes so long after the first edit, uniformly. */
const EDITING_MS = [50, 3000];
const EDIT_EVERY_MS = 30;

if (!Number.isInteger(kills) || kills < 1) {
  console.error('Say how often to kill, as a whole number: npm run soak -- 200');
  process.exit(2);
}
await setUpWindow({ tools: ['Xvfb'] });
await build();
const display = await openVirtualDisplay();
if (display) process.env.DISPLAY = display.name;
const userData = await mkdtemp(join(tmpdir(), 'timbrel-soak-'));
const path = join(userData, 'Soak.timbrel');
const csv = join(userData, 'lines.csv');
const rows = Array.from({ length: LINES }, (_, i) => `Line ${i + 1} of a play.`);
await writeFile(csv, ['text', ...rows].join('\n'));
const electron = join(ROOT, 'node_modules/electron');
const executablePath = join(electron, 'dist', await readFile(join(electron, 'path.txt'), 'utf8'));

async function launch() {
  const app = await _electron.launch({
    executablePath,
    args: [
      ROOT,
      `--user-data-dir=${userData}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  const page = await app.firstWindow();
  await page.getByRole('button', { name: /^Runs on/ }).waitFor({ timeout: 60_000 });
  return { app, page };
}

const choose = (app, chosen) =>
  app.evaluate(({ dialog }, file) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [file] });
    dialog.showSaveDialog = async () => ({ canceled: false, filePath: file });
  }, chosen);

const first = (page) => page.getByRole('row').filter({ has: page.locator('[data-line="1"]') });

/** Edits the first line for ever, in this round; `edits` gets the moment of each. */
async function edit(page, round, edits, isOver) {
  await page.keyboard.press('Alt+j');
  await page.keyboard.press('Home');
  await page.keyboard.press('F2');
  const field = page.getByRole('textbox', { name: 'Text of line 1' });
  await field.waitFor();
  while (!isOver()) {
    await field.fill(`Edit ${round}-${edits.length}.`);
    edits.push(Date.now());
    await wait(EDIT_EVERY_MS);
  }
}

/** Kills main and waits until nothing of the app is left. */
async function kill(app) {
  const child = app.process();
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

{
  const { app, page } = await launch();
  await choose(app, path);
  await page.keyboard.press('Control+n');
  await page.getByRole('heading', { name: 'Soak' }).waitFor();
  await choose(app, csv);
  await page.keyboard.press('Control+i');
  await first(page).waitFor();
  await page.getByText(`${LINES} lines, saved`).waitFor();
  await app.close();
}

const result = { kills: 0, unreadable: 0, backups: 0, lostMs: [], takesOnDisk: 0 };
/** Moments of the edits before the last kill, and of the kill. */
let before = null;
for (let i = 0; i <= kills; i++) {
  const { app, page } = await launch();
  await choose(app, path);
  await page.keyboard.press('Control+o');
  const opened = await first(page)
    .waitFor({ timeout: 20_000 })
    .then(
      () => true,
      () => false,
    );
  if (!opened) {
    result.unreadable++;
    console.error(await page.locator('body').innerText());
    await app.close();
    break;
  }
  if ((await page.getByText('its backup was opened').count()) > 0) result.backups++;
  if (before) {
    const number = Number(
      new RegExp(`Edit ${i - 1}-(\\d+)\\.`).exec(await first(page).innerText())?.[1] ?? -1,
    );
    // What was lost is as old as the first edit that is not there.
    const lost = before.edits[number + 1];
    result.lostMs.push(lost === undefined ? 0 : Math.max(0, before.killed - lost));
  }
  if (i === kills) {
    await app.close();
    break;
  }
  const edits = [];
  let isOver = false;
  const [least, most] = EDITING_MS;
  // All lines are queued again and again, so that one is always being spoken.
  await page.keyboard.press('Alt+j');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('g');
  const editing = edit(page, i, edits, () => isOver).catch(() => undefined);
  while (edits.length === 0) await wait(5);
  await wait(least + Math.random() * (most - least));
  const killed = Date.now();
  await kill(app);
  isOver = true;
  await editing;
  before = { edits: edits.filter((moment) => moment <= killed), killed };
  result.kills++;
  if (result.kills % 10 === 0) console.error(`${result.kills} kills`);
}
result.takesOnDisk = (await readdir(join(userData, 'takes'))).length;
const sorted = result.lostMs.toSorted((a, b) => a - b);
console.log(
  JSON.stringify({
    ...result,
    lostMs: { median: sorted[sorted.length >> 1], longest: sorted.at(-1) },
  }),
);
display?.close();
await rm(userData, { recursive: true, force: true });
process.exit(result.unreadable > 0 ? 1 : 0);
