// `npm run bench:project`: how soon a project of 1,000 lines with 3 takes each is open in the real
// window, frame callbacks a second while it is scrolled and before, how soon a typed letter is painted,
// and the memory of each process, before the project was opened and after all that: its working set,
// and on Linux its share (PSS), in which pages that processes have in common count once over all.
// The takes lie on the disk, copies of one.
// Needs a display; without one it opens a virtual one.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { build } from '../scripts/build.mjs';
import { ROOT, setUpWindow } from '../scripts/setup.mjs';
import { openVirtualDisplay } from '../scripts/virtual-display.mjs';

const LINES = 1000;
const TAKES = 3;
const OPENINGS = 5;

const takeId = (line, take) => `take-${line}-${take}-example`;

const settings = {
  voice: 'slt',
  method: 'pcg',
  theta: 0.35,
  lookahead: 'adaptive',
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
};
const project = {
  schema: 1,
  pronunciations: [],
  lines: Array.from({ length: LINES }, (_, i) => {
    const text = `Line ${i + 1}: the birch canoe slid on the smooth planks.`;
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    const takes = Array.from({ length: TAKES }, (_, take) => ({
      take: takeId(i, take),
      text,
      settings: { ...settings, seed: take },
      seconds: 3,
      suspicions: take === 1 ? ['silence'] : [],
    }));
    const { take: chosen } = takes[i % TAKES];
    return { id, text, settings: { ...settings, seed: 0 }, takes, chosen, problem: null };
  }),
};

await setUpWindow({ tools: ['Xvfb'] });
await build();
const display = await openVirtualDisplay();
if (display) process.env.DISPLAY = display.name;
const userData = await mkdtemp(join(tmpdir(), 'timbrel-project-'));
const path = join(userData, 'Thousand.timbrel');
await writeFile(path, JSON.stringify(project));
const example = join(ROOT, 'tests/data/take-of-flite-trio');
const meta = JSON.parse(await readFile(join(example, 'take.json'), 'utf8'));
for (const line of project.lines) {
  for (const { take: id, text } of line.takes) {
    const home = join(userData, 'takes', id);
    await mkdir(home, { recursive: true });
    await cp(join(example, 'audio.wav'), join(home, 'audio.wav'));
    await writeFile(join(home, 'take.json'), JSON.stringify({ ...meta, id, text, name: text }));
  }
}
const electron = join(ROOT, 'node_modules/electron');
const app = await _electron.launch({
  executablePath: join(electron, 'dist', await readFile(join(electron, 'path.txt'), 'utf8')),
  args: [
    ROOT,
    `--user-data-dir=${userData}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
});
/** Of each process of the app, in MB. */
async function memory() {
  const processes = await app.evaluate(({ app: running }) =>
    running.getAppMetrics().map(({ pid, type, name, memory: { workingSetSize } }) => ({
      pid,
      process: name ?? type,
      workingSet: Math.round(workingSetSize / 1024),
    })),
  );
  const each = await Promise.all(
    processes.map(async ({ pid, ...told }) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      const kilobytes = /^Pss:\s+(\d+)/m.exec(rollup)?.[1];
      return { ...told, share: kilobytes ? Math.round(Number(kilobytes) / 1024) : null };
    }),
  );
  const sum = each.reduce((megabytes, { share }) => megabytes + (share ?? 0), 0);
  return { each, shareOfAll: sum || null };
}

try {
  const page = await app.firstWindow();
  await page.getByRole('button', { name: /^Runs on/ }).waitFor({ timeout: 60_000 });
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
  }, path);

  // Until the engine has measured what it measures at its start.
  await page.waitForTimeout(5000);
  const memoryBefore = await memory();

  /** From the key until the first lines are painted, by the page's own clock. */
  const open = async () => {
    await page.evaluate(() => {
      window.opened = new Promise((resolve) => {
        let from = 0;
        const onKey = (event) => {
          if (event.code === 'KeyO') from = event.timeStamp;
        };
        window.addEventListener('keydown', onKey, { capture: true });
        const look = () => {
          if (from > 0 && document.querySelector('[data-line="1"]')) {
            window.removeEventListener('keydown', onKey, { capture: true });
            requestAnimationFrame(() => resolve(performance.now() - from));
          } else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
    });
    await page.keyboard.press('Control+o');
    return page.evaluate(() => window.opened);
  };
  const openMs = [];
  for (let i = 0; i < OPENINGS; i++) {
    if (i > 0) {
      await page.keyboard.press('Control+Shift+w');
      await page.getByRole('button', { name: 'New project' }).waitFor();
    }
    openMs.push(Math.round(await open()));
  }

  // The list looks for lost sound when it is opened, and says so if there is any.
  await page.waitForTimeout(2000);
  const idle = await page.evaluate(async () => {
    const times = [];
    while (times.length < 120) times.push(await new Promise(requestAnimationFrame));
    return Number((119_000 / (times[119] - times[0])).toFixed(1));
  });
  const scroll = await page.evaluate(async () => {
    const list = document.querySelector('[role=grid][aria-label="Lines"]');
    const times = [];
    const end = list.scrollHeight - list.clientHeight;
    let at = 0;
    while (at < end) {
      times.push(await new Promise(requestAnimationFrame));
      at += 90;
      list.scrollTop = at;
    }
    const gaps = times
      .slice(1)
      .map((time, i) => time - times[i])
      .sort((a, b) => a - b);
    const seconds = (times.at(-1) - times[0]) / 1000;
    return {
      frames: times.length,
      perSecond: Number((gaps.length / seconds).toFixed(1)),
      gapMs95: Number(gaps[Math.floor(gaps.length * 0.95)].toFixed(1)),
      longestGapMs: Number(gaps.at(-1).toFixed(1)),
      rowsLaidOut: document.querySelectorAll('[data-line]').length,
    };
  });
  // From a key in the text of a line until the next frame after it.
  await page.keyboard.press('Alt+j');
  await page.keyboard.press('Home');
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'Text of line 1' }).waitFor();
  await page.evaluate(() => {
    window.typed = [];
    window.addEventListener(
      'keydown',
      ({ timeStamp }) =>
        requestAnimationFrame(() => window.typed.push(performance.now() - timeStamp)),
      { capture: true },
    );
  });
  await page.keyboard.type('A text of a line', { delay: 60 });
  const typed = await page.evaluate(() => window.typed.sort((a, b) => a - b).map(Math.round));
  const typingMs = { median: typed[typed.length >> 1], longest: typed.at(-1) };
  console.log(JSON.stringify({ openMs, idlePerSecond: idle, scroll, typingMs }));
  console.log(JSON.stringify({ memoryBefore, memoryAfter: await memory() }));
} finally {
  await app.close();
  display?.close();
  await rm(userData, { recursive: true, force: true });
}
process.exit();
