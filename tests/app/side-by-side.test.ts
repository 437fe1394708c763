import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WordTime } from '../../contract/word-time';
import { type App, launch, type } from './launch';
import { picture, resize, seriousFaults } from './looks';

const SENTENCE = 'The birch canoe slid on the smooth planks.';
const WORDS = SENTENCE.replace('.', '').toLowerCase().split(' ');

let app: App;
/** Of exact decoding in lane A, of PCG in lane B. */
const words: Record<'A' | 'B', WordTime[]> = { A: [], B: [] };
/** What the page complained of, refusals of its security policy included. */
const complaints: string[] = [];

beforeAll(async () => {
  app = await launch();
  app.page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  app.page.on('pageerror', (error) => complaints.push(error.message));
  await app.ready();
  await resize(app, { width: 1440, height: 1000 });
  await app.page.getByText('Dark', { exact: true }).click();
  await type(app.page, SENTENCE);
  await app.page.getByRole('button', { name: 'Generate pair', exact: true }).click();
  await app.page.locator('[aria-label="Lane B"][data-phase="ready"]').waitFor({ timeout: 60_000 });
  const [pcg, exact] = await app.call('listTakes', undefined);
  words.A = await app.call('getWordTimes', { take: exact.id });
  words.B = await app.call('getWordTimes', { take: pcg.id });
});
afterAll(() => app?.close());

const strip = (lane: 'A' | 'B') => app.page.getByRole('slider', { name: `Words of lane ${lane}` });
const plot = (lane: 'A' | 'B') => app.page.locator(`[data-plot="${lane}"]`);
const toggle = (name: string) => app.page.getByRole('button', { name, exact: true });

/** Pixels of a moment on the time axis; the sound fills the width until something is zoomed. */
async function xOf(seconds: number): Promise<number> {
  const box = (await app.page.locator('[data-words="A"]').boundingBox())!;
  const whole = Number(await plot('A').getAttribute('aria-valuemax'));
  return (seconds / whole) * box.width;
}

/** [start, end) of the loop as it is drawn over a lane, in seconds. */
async function loopIn(lane: 'A' | 'B'): Promise<[number, number]> {
  // Hidden, and so without a box, where there is none.
  const drawn = await plot(lane).locator('[data-on="true"]').boundingBox();
  if (!drawn) return [Number.NaN, Number.NaN];
  const box = (await plot(lane).boundingBox())!;
  const whole = Number(await plot(lane).getAttribute('aria-valuemax'));
  const seconds = (x: number) => ((x - box.x) / box.width) * whole;
  return [seconds(drawn.x), seconds(drawn.x + drawn.width)];
}

/** It is drawn when the page next paints. */
const expectLoop = (lane: 'A' | 'B', { start, end }: WordTime) =>
  expect
    .poll(async () => {
      const [from, to] = await loopIn(lane);
      return Math.max(Math.abs(from - start), Math.abs(to - end));
    })
    .toBeLessThan(0.02);

describe('side by side', () => {
  it('knows where each word is heard in both takes', async () => {
    for (const lane of ['A', 'B'] as const) {
      expect(words[lane].map(({ text }) => text.toLowerCase())).toEqual(WORDS);
      await strip(lane).waitFor();
    }
  });

  it('estimates beside θ what would be accepted, near what was at the θ of the take', async () => {
    const [pcg, exact] = await app.call('listTakes', undefined);
    const caption = app.page.locator('[data-alpha-estimates] figcaption');
    const both = /A (0\.\d+) B (0\.\d+)/;
    await expect.poll(() => caption.textContent()).toMatch(both);
    const [, a, b] = both.exec((await caption.textContent()) ?? '') ?? [];
    const rate = ({ accepted, rejected }: typeof pcg.counters) => accepted / (accepted + rejected);
    // Some hundred drafts were judged: their own acceptance is a matter of chance.
    expect(Math.abs(Number(b) - rate(pcg.counters))).toBeLessThan(0.15);
    expect(Number(a)).toBeGreaterThan(rate(exact.counters) - 0.1);
  });

  it('loops a word that is clicked, and the same word in the other lane after a switch', async () => {
    await app.page.getByText('Word', { exact: true }).click();
    const canoe = WORDS.indexOf('canoe');
    const { start, end } = words.A[canoe];
    // The length is said once something has moved the playhead.
    await plot('A').focus();
    await app.page.keyboard.press('Home');
    await expect.poll(() => plot('A').getAttribute('aria-valuemax')).not.toBe('0');
    await strip('A').click({ position: { x: await xOf((start + end) / 2), y: 9 } });
    await expectLoop('A', words.A[canoe]);
    await expectLoop('B', words.B[canoe]);
    await app.page.keyboard.press('Space');
    await toggle('Pause').waitFor();
    await app.page.keyboard.press('Backquote');
    await app.page.locator('[aria-label="Lane B"][data-focus="true"]').waitFor();
    // The playhead is said a few times a second: what it said last of lane A may stand for a moment.
    const isInWord = async () => {
      const now = Number(await plot('B').getAttribute('aria-valuenow'));
      return now > words.B[canoe].start - 0.03 && now < words.B[canoe].end + 0.03;
    };
    await expect.poll(isInWord).toBe(true);
    await app.page.waitForTimeout(600);
    for (let i = 0; i < 8; i++) {
      expect(await isInWord()).toBe(true);
      await app.page.waitForTimeout(90);
    }
    await expectLoop('B', words.B[canoe]);
    await app.page.keyboard.press('Space');
    await toggle('Play').waitFor();
  });

  it('walks from word to word by keys, and moves the loop by 10 ms', async () => {
    await strip('B').focus();
    await app.page.keyboard.press('End');
    await expect.poll(() => strip('B').getAttribute('aria-valuetext')).toMatch(/^planks/);
    await expectLoop('B', words.B[words.B.length - 1]);
    const [from] = await loopIn('B');
    for (let i = 0; i < 5; i++) await app.page.keyboard.press(',');
    await expect.poll(async () => from - (await loopIn('B'))[0]).toBeGreaterThan(0.04);
    await app.page.keyboard.press(';');
    await expectLoop('B', words.B[words.B.length - 2]);
  });

  it('shows spectrum, pitch and differences, with nothing serious that axe finds', async () => {
    await toggle('Spectrogram').click();
    await toggle('Differences').click();
    await app.page
      .getByText(/Compared word by word: \d+ % of tokens differ, the spectrum by/)
      .waitFor();
    for (const drawn of ['[data-spectrogram="A"]', '[data-spectrogram="B"]', '[data-words="A"]']) {
      const colours = () =>
        app.page.locator(`${drawn} canvas`).evaluate((canvas) => {
          const { width, height } = canvas as HTMLCanvasElement;
          const context = (canvas as HTMLCanvasElement).getContext('2d')!;
          const { data } = context.getImageData(0, 0, width, height);
          const pixels = new Uint32Array(data.buffer);
          return new Set(pixels).size;
        });
      await expect.poll(colours).toBeGreaterThan(20);
    }
    // axe and the screenshot put styles of their own into the page.
    expect(complaints).toEqual([]);
    expect(await seriousFaults(app.page)).toEqual([]);
    await picture(app.page, 'side-by-side');
    await toggle('Spectrogram').click();
    await toggle('Differences').click();
  });
});
