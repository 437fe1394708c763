import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededUniform } from '../../main/decoding/random';
import { ListeningTest } from '../../main/listening/listening-test';
import { type App, launch, newUserData } from './launch';
import { picture, seriousFaults, unusableWhenSmall } from './looks';

const TRIALS = 20;
const SENTENCES = ['Rice is good.', 'Sit down.', 'It was late.', 'Come in.'];

type Element = { textContent: string };
type Page = { querySelectorAll(css: string): Iterable<Element & Page> };
// jsdom comes without types, and those of the page have no place here.
const { JSDOM } = createRequire(import.meta.url)('jsdom') as {
  JSDOM: new (html: string) => { window: { document: Page } };
};

let userData: string;
let folder: string;
let app: App;
/** The plan, which the page is never told. */
let plan: ListeningTest;

beforeAll(async () => {
  userData = await newUserData();
  folder = await mkdtemp(join(tmpdir(), 'timbrel-report-'));
  app = await launch({ userData });
  await app.ready();
  await app.page.getByText('Dark', { exact: true }).click();
});
afterAll(async () => {
  await app?.close();
  await rm(userData, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

const dialog = (name: string | RegExp) => app.page.getByRole('dialog', { name });
const trial = (number: number) => dialog(`Preference, trial ${number} of ${TRIALS}`);

/** Moves the focus by Tab alone until it is on a button of this name, and presses it. */
async function pressButton(name: string): Promise<void> {
  for (let step = 0; step < 40; step++) {
    const focused = await app.page.evaluate(() => document.activeElement?.textContent ?? '');
    if (focused.startsWith(name)) return app.page.keyboard.press('Enter');
    await app.page.keyboard.press('Tab');
  }
  throw new Error(`No button ${name} was reached by Tab.`);
}

async function readPlan(): Promise<ListeningTest> {
  const home = join(userData, 'listening');
  const [id] = await readdir(home);
  return ListeningTest.parse(JSON.parse(await readFile(join(home, id, 'test.json'), 'utf8')));
}

/** Which of the comparisons the scripted listener finds B better in: eight of ten, by chance. */
const uniform = seededUniform(80);
const prefersB = Array.from({ length: TRIALS }, () => uniform() < 0.8);

/** Hears both sounds and answers with one key, as the scripted listener would. */
async function answer(number: number): Promise<void> {
  await trial(number + 1).waitFor();
  const { isControl, order } = plan.trials[number];
  const wanted = prefersB[number] ? 1 : 0;
  for (const key of ['d', 'f']) await app.page.keyboard.press(key);
  const key = isControl ? '0' : order[0] === wanted ? '1' : '2';
  await trial(number + 1)
    .getByText('An answer is kept at once')
    .waitFor();
  await app.page.keyboard.press(key);
}

/** Looks at the dialog that is open: in both themes, in the smallest window and zoomed in there. */
async function faults(name: string | null): Promise<string[]> {
  await app.page.mouse.move(2, 2);
  const found = [...(await seriousFaults(app.page)), ...(await unusableWhenSmall(app))];
  if (name) await picture(app.page.getByRole('dialog'), name);
  return found;
}

describe('a blind test', () => {
  it('is set up by keys, and generates the takes that it is missing', async () => {
    await app.page.keyboard.press('Control+b');
    await dialog('New blind test').waitFor();
    await app.page.keyboard.press('Alt+e');
    await app.page.keyboard.press('Control+a');
    await app.page.keyboard.insertText(SENTENCES.join('\n'));
    expect(await faults('listening-set-up')).toEqual([]);
    await app.page.keyboard.press('Control+Enter');
    await dialog('Blind tests')
      .getByText(/Generating: \d+ of 32 takes are there/)
      .waitFor();
    await pressButton('Cancel');
    await dialog('Blind tests')
      .getByText(/Stopped: \d+ of 32 takes are there/)
      .waitFor();
    expect(await faults('listening-tests')).toEqual([]);
    await pressButton('Generate the rest');
    await dialog('Blind tests').getByText(`0 of ${TRIALS} answered`).waitFor({ timeout: 150_000 });
    plan = await readPlan();
    expect(plan.conditions.map(({ settings }) => settings.method)).toEqual(['exact', 'pcg']);
    expect(plan.trials.filter(({ isControl }) => isControl)).toHaveLength(4);
  });

  it('is answered by keys, each answer once, and nothing tells what is what', async () => {
    await pressButton('Begin');
    await trial(1).waitFor();
    expect(await faults('listening-trial')).toEqual([]);
    expect(await trial(1).textContent()).not.toMatch(/exact|pcg|θ/i);
    for (let number = 0; number < 9; number++) await answer(number);
    await trial(10).waitFor();
    const [{ id }] = (await app.call('listListeningTests', undefined)).tests;
    await expect(app.call('getListeningResult', { test: id })).rejects.toThrow('hidden');
    await expect(
      app.call('answerListeningTrial', {
        test: id,
        trial: 8,
        answer: { kind: 'preference', choice: 'none' },
        plays: [1, 1],
      }),
    ).rejects.toThrow('not the one that is asked now');
  });

  it('goes on behind the last answer after it was killed', async () => {
    const dead = new Promise((resolve) => app.electron.process().once('exit', resolve));
    app.electron.process().kill('SIGKILL');
    await dead;
    app = await launch({ userData });
    await app.ready();
    expect(await readPlan()).toEqual(plan);
    await app.page.keyboard.press('Control+b');
    await dialog('Blind tests').getByText(`9 of ${TRIALS} answered`).waitFor();
    await pressButton('Resume');
    for (let number = 9; number < TRIALS; number++) await answer(number);
    await dialog('Result of the blind test').waitFor();
    expect(await faults('listening-result')).toEqual([]);
  });
});

/** n choose k · ½ⁿ, without any library. */
function halves(k: number, n: number): number {
  let share = 0.5 ** n;
  for (let i = 1; i <= k; i++) share *= (n - k + i) / i;
  return share;
}

/** P(X ≥ k) at a chance of `p` each, term by term. */
function tail(k: number, n: number, p: number): number {
  let sum = 0;
  for (let i = k; i <= n; i++) sum += halves(i, n) * 2 ** n * p ** i * (1 - p) ** (n - i);
  return sum;
}

/** Where a rising function reaches `target`, by bisection. */
function reach(target: number, rising: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (rising(middle) < target) low = middle;
    else high = middle;
  }
  return low;
}

describe('the report', () => {
  const cellsOf = (page: Page, table: string) =>
    [...page.querySelectorAll(`#${table} tbody tr`)].map((row) =>
      [...row.querySelectorAll('td')].map(({ textContent }) => textContent),
    );
  const exportAs = async (name: string, key: string) => {
    const path = join(folder, name);
    await app.electron.evaluate(({ dialog: system }, filePath) => {
      system.showSaveDialog = (async () => ({
        canceled: false,
        filePath,
      })) as unknown as typeof system.showSaveDialog;
    }, path);
    await app.page.keyboard.press(key);
    await dialog('Result of the blind test').getByText(`Written: ${path}`).waitFor();
    return readFile(path, 'utf8');
  };

  it('has the statistics that its own trials give when they are counted anew', async () => {
    const { document } = new JSDOM(await exportAs('report.html', 'Control+e')).window;
    const rows = cellsOf(document, 'trials');
    expect(rows).toHaveLength(TRIALS);
    // Columns: number, sentence, control, order, preferred, plays, time.
    const real = rows.filter(([, , control]) => control === 'no');
    expect(real).toHaveLength(16);
    real.forEach(([number, , , , preferred]) => {
      expect(preferred).toBe(prefersB[Number(number) - 1] ? 'B' : 'A');
    });
    const n = real.length;
    const b = real.filter(([, , , , preferred]) => preferred === 'B').length;
    const likely = halves(b, n) * (1 + 1e-9);
    let p = 0;
    for (let k = 0; k <= n; k++) if (halves(k, n) <= likely) p += halves(k, n);
    const low = reach(0.025, (share) => tail(b, n, share));
    const high = reach(0.975, (share) => tail(b + 1, n, share));

    const [[, counted, of, shownP, interval]] = cellsOf(document, 'proportions');
    expect([counted, of]).toEqual([String(b), String(n)]);
    expect(shownP).toBe(p < 0.001 ? 'p < .001' : `p = ${p.toFixed(3).slice(1)}`);
    expect(interval).toBe(`${Math.round(low * 100)}–${Math.round(high * 100)} %`);
    const [headline] = document.querySelectorAll('#headline');
    const verdict = p < 0.05 ? 'unlikely to be chance' : 'chance alone could do this';
    expect(headline.textContent).toBe(
      `${b} of ${n} preferred B: ${verdict} (${shownP}); interval ${interval}.`,
    );
    expect(await dialog('Result of the blind test').textContent()).toContain(headline.textContent);
    const sentences = cellsOf(document, 'sentences');
    expect(sentences.map(([text]) => text).sort()).toEqual([...SENTENCES].sort());
    expect(sentences.reduce((sum, cells) => sum + Number(cells[2]), 0)).toBe(b);
  });

  it('opens without a network, plays its sounds, and asks for nothing', async () => {
    const path = join(folder, 'report.html');
    const seen = await app.electron.evaluate(async ({ BrowserWindow, session }, file) => {
      const alone = session.fromPartition('report');
      alone.enableNetworkEmulation({ offline: true });
      const asked: string[] = [];
      alone.webRequest.onBeforeRequest((details, next) => {
        asked.push(details.url.slice(0, 30));
        next({});
      });
      const window = new BrowserWindow({ show: false, webPreferences: { session: alone } });
      await window.loadFile(file);
      const lengths = (await window.webContents.executeJavaScript(`
        Promise.all([...document.querySelectorAll('audio')].map((audio) => new Promise((resolve) => {
          audio.addEventListener('loadedmetadata', () => resolve(audio.duration));
          audio.addEventListener('error', () => resolve(0));
          audio.preload = 'metadata';
          audio.load();
        })))`)) as number[];
      window.destroy();
      return { asked, lengths };
    }, path);
    expect(seen.asked.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
    expect(seen.lengths).toHaveLength(32);
    for (const seconds of seen.lengths) expect(seconds).toBeGreaterThan(0.2);
  });

  it('comes as a table too', async () => {
    const rows: Record<string, string>[] = parse(await exportAs('trials.csv', 'Alt+c'), {
      bom: true,
      columns: true,
    });
    expect(rows.map(({ Order }) => Order)).toEqual(
      plan.trials.map(({ order }) => order.map((condition) => 'AB'[condition]).join(' ')),
    );
    const controls = rows.filter(({ Control }) => Control === 'yes');
    expect(controls.map(({ Preferred }) => Preferred)).toEqual(['none', 'none', 'none', 'none']);
  });
});

describe('a test of another kind, from the takes that are there', () => {
  const kinds = [
    { kind: 'CMOS', steps: 1, keys: ['d', 'f', '6'], picture: null },
    { kind: 'ABX', steps: 2, keys: ['d', 'f', 'g', '1'], picture: null },
    {
      kind: 'MUSHRA-like',
      steps: 3,
      keys: ['s', 'd', '9', 'f', '5', 'g', '1', 'Control+Enter'],
      picture: 'listening-ratings',
    },
  ];
  it.each(kinds)('$kind is set up and answered by keys', async ({ kind, steps, keys, picture }) => {
    await app.page.keyboard.press('Alt+l');
    await dialog('Blind tests').waitFor();
    await app.page.keyboard.press('Alt+n');
    await dialog('New blind test').waitFor();
    await app.page.keyboard.press('Alt+k');
    for (let step = 0; step < steps; step++) await app.page.keyboard.press('ArrowRight');
    await app.page.keyboard.press('Alt+w');
    await app.page.keyboard.press('ArrowRight');
    await app.page.keyboard.press('Alt+t');
    await app.page.keyboard.insertText('5');
    await dialog('New blind test').getByText('Compares A Exact · B PCG').waitFor();
    expect(await seriousFaults(app.page)).toEqual([]);
    await app.page.keyboard.press('Control+Enter');
    for (let number = 1; number <= 5; number++) {
      const asked = dialog(`${kind}, trial ${number} of 5`);
      await asked.waitFor();
      if (number === 1) expect(await faults(picture)).toEqual([]);
      for (const key of keys.slice(0, -1)) await app.page.keyboard.press(key);
      await asked.getByText('An answer is kept at once').waitFor();
      await app.page.keyboard.press(keys[keys.length - 1]);
    }
    await dialog('Result of the blind test').waitFor();
    expect(await faults(null)).toEqual([]);
  });
});
