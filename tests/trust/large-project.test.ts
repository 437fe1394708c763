import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Line, Project } from '../../contract/project';
import { type App, launch } from '../app/launch';
import { count, record } from './figures';

const LINES = count(1000, 10_000);
const TAKES = 5;
const OPENINGS = count(1, 3);
/** Neither process may be away for longer, in milliseconds. */
const LONGEST_GAP = 100;

const settings = {
  voice: 'alto',
  method: 'pcg',
  theta: 0.55,
  lookahead: 'adaptive',
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
} as const;

const lineText = (i: number) => `Line ${i + 1}: the birch canoe slid on the smooth planks.`;

function exampleLine(i: number): Line {
  const text = lineText(i);
  const takes = Array.from({ length: TAKES }, (_, take) => ({
    take: `take-${i}-${take}-example`,
    text,
    settings: { ...settings, seed: take },
    seconds: 3,
    suspicions: [],
  }));
  return {
    id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    text,
    settings: { ...settings, seed: 0 },
    takes,
    chosen: takes[i % TAKES].take,
    problem: null,
  };
}

/** Counts the time between two turns of an event loop, in main and in the page alike. */
function beat(): void {
  const scope = globalThis as unknown as { longestGap: number; stopBeat?: () => void };
  scope.stopBeat?.();
  scope.longestGap = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    scope.longestGap = Math.max(scope.longestGap, now - last);
    last = now;
  }, 4);
  scope.stopBeat = () => clearInterval(timer);
}

const longestGap = () => (globalThis as unknown as { longestGap: number }).longestGap;

let app: App;
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-large-'));
  path = join(folder, 'Large.timbrel');
  const project: Project = {
    schema: 1,
    pronunciations: [],
    lines: Array.from({ length: LINES }, (_, i) => exampleLine(i)),
  };
  await writeFile(path, JSON.stringify(project));
  app = await launch();
  await app.ready();
  await app.electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = (async () => ({
      canceled: false,
      filePaths: [chosen],
    })) as unknown as typeof dialog.showOpenDialog;
  }, path);
  // Until the engine has measured what it measures at its start.
  await app.page.waitForTimeout(count(1000, 6000));
});

afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `work` and tells the longest gaps meanwhile, in whole milliseconds. */
async function gapsDuring(work: () => Promise<void>): Promise<{ main: number; page: number }> {
  await app.electron.evaluate(beat);
  await app.page.evaluate(beat);
  await work();
  const main = await app.electron.evaluate(longestGap);
  const page = await app.page.evaluate(longestGap);
  return { main: Math.round(main), page: Math.round(page) };
}

const says = (text: string) => app.page.getByText(text, { exact: true });
const shownLines = LINES.toLocaleString('en');

describe(`a project of ${shownLines} lines with ${TAKES} takes each`, () => {
  it('opens with all its lines while main and the page go on', async (ctx) => {
    const openings: { main: number; page: number; ms: number }[] = [];
    for (let i = 0; i < OPENINGS; i++) {
      if (i > 0) {
        await app.page.keyboard.press('Control+Shift+w');
        await app.page.getByRole('button', { name: 'New project' }).waitFor();
      }
      const from = performance.now();
      let ms = 0;
      const gaps = await gapsDuring(async () => {
        await app.page.keyboard.press('Control+o');
        await says(`${shownLines} lines, saved`).waitFor();
        ms = Math.round(performance.now() - from);
        // It looks for lost sound then.
        await app.page.waitForTimeout(count(500, 3000));
      });
      openings.push({ ...gaps, ms });
    }
    record(ctx, {
      threat: `open a project of ${shownLines} lines × ${TAKES} takes`,
      tried: openings.length,
      survived: openings.filter(({ main, page }) => Math.max(main, page) <= LONGEST_GAP).length,
      figure: openings
        .map(({ main, page, ms }) => `open in ${ms} ms, main away ${main} ms, page ${page} ms`)
        .join('; '),
    });
    const list = app.page.getByRole('grid', { name: 'Lines' });
    await app.page.keyboard.press('Alt+j');
    await app.page.keyboard.press('End');
    await list.locator(`[data-line="${LINES}"]`).waitFor();
    expect(await list.getByText(lineText(LINES - 1)).count()).toBe(1);
  });

  it('is saved after an edit while main and the page go on', async (ctx) => {
    await app.page.keyboard.press('F2');
    await app.page.getByRole('textbox', { name: `Text of line ${LINES}` }).waitFor();
    const gaps = await gapsDuring(async () => {
      await app.page.keyboard.type('The last one.', { delay: 50 });
      await says(`${shownLines} lines, saved`).waitFor();
    });
    record(ctx, {
      threat: `edit and save a project of ${shownLines} lines × ${TAKES} takes`,
      tried: 1,
      survived: Math.max(gaps.main, gaps.page) <= LONGEST_GAP ? 1 : 0,
      figure: `main away ${gaps.main} ms, page ${gaps.page} ms`,
    });
    await app.page.keyboard.press('Enter');
    await expect
      .poll(async () => (JSON.parse(await readFile(path, 'utf8')) as Project).lines.at(-1)?.text)
      .toBe('The last one.');
    const { lines } = JSON.parse(await readFile(path, 'utf8')) as Project;
    expect(lines.slice(0, -1)).toEqual(Array.from({ length: LINES - 1 }, (_, i) => exampleLine(i)));
  });
});
