import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PackSummary } from '../../contract/pack';
import { readWav } from '../../main/audio/wav';
import { type App, lane, launch, newUserData, ROOT } from './launch';

// A take as an earlier Timbrel stored it, made with a voice pack of another codebook at 16 kHz.
const STORED = join(ROOT, 'tests/data/take-of-flite-trio');
const WORDS = 'The words that were in the script.';

let app: App;
let userData: string;
let folder: string;
let pack: PackSummary;
let stored: { id: string; text: string; settings: Record<string, unknown> };

beforeAll(async () => {
  stored = JSON.parse(await readFile(join(STORED, 'take.json'), 'utf8'));
  userData = await newUserData();
  folder = await mkdtemp(join(tmpdir(), 'timbrel-export-'));
  await mkdir(join(userData, 'takes'));
  await cp(STORED, join(userData, 'takes', stored.id), { recursive: true });
  // What that Timbrel remembered: settings that knew of no pack.
  const preferences = { text: WORDS, settings: stored.settings, seedPinned: true };
  await writeFile(join(userData, 'memory.json'), JSON.stringify({ preferences, window: null }));
  app = await launch({ userData });
  await app.ready();
  const { engine } = await app.call('getState', undefined);
  if (engine.status !== 'ready') throw new Error('The engine is not ready.');
  pack = engine.pack;
});
afterAll(async () => {
  await app?.close();
  for (const path of [userData, folder]) await rm(path, { recursive: true, force: true });
});

const theta = () => app.page.getByRole('slider', { name: /Group threshold/ }).inputValue();
const shownVoice = () => app.page.getByRole('button', { name: /Voice$/ }).textContent();
/** The stored voice where the loaded pack has one of that name, else the pack's first. */
const voiceToSpeak = () =>
  pack.voices.find(({ name }) => name === stored.settings.voice)?.name ?? pack.voices[0].name;

describe('settings remembered from another voice pack', () => {
  it('give way to the loaded pack’s own, and the script and the seed stay', async () => {
    expect(Number(await theta())).toBeCloseTo(pack.defaults.theta, 6);
    expect(await shownVoice()).toContain(voiceToSpeak());
    const script = app.page.getByRole('textbox', { name: 'Script text' });
    expect(await script.inputValue()).toBe(WORDS);
    const seed = app.page.getByRole('textbox', { name: 'Seed' });
    expect(await seed.inputValue()).toBe(String(stored.settings.seed));
  });
});

describe('a take that was made with another voice pack', () => {
  it('is listed with the name of its pack', async () => {
    const row = app.page.getByRole('row', { name: stored.text });
    await row.getByText(/\(.*Flite trio\)/).waitFor();
  });

  it('opens and plays, with its waveform, its tokens and its pack’s name', async () => {
    await app.page.getByRole('row', { name: stored.text }).click();
    await app.page.keyboard.press('Enter');
    await app.page.locator('[aria-label="Lane A"][data-phase="ready"]').waitFor();
    const clock = app.page.getByRole('timer', { name: 'Time heard and length' });
    await expect.poll(() => clock.textContent()).not.toMatch(/^0:00\.0/);
    await lane(app.page, 'A')
      .getByText(/Flite trio/)
      .waitFor();
    const { take } = await app.call('readTake', { take: stored.id });
    const legend = app.page.getByRole('list', { name: 'Token counts of lane A' });
    expect(Number(await legend.getAttribute('data-accepted'))).toBe(take.counters.accepted);
  });

  it('is not shown groups of the loaded pack as if they were its own', async () => {
    await app.page.getByRole('slider', { name: 'Tokens of lane A' }).focus();
    for (const key of ['Home', 'ArrowRight']) await app.page.keyboard.press(key);
    await app.page.getByText(/was made with .*Flite trio, which is not loaded/).waitFor();
    expect(await app.page.getByRole('listbox', { name: /^Members of the group/ }).count()).toBe(0);
    await expect(app.call('hearSwap', { take: stored.id, frame: 1, token: 1 })).rejects.toThrow(
      /another voice pack, Flite trio/,
    );
  });

  it('is exported as it was stored', async () => {
    const path = join(folder, 'old.wav');
    await app.electron.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = (async () => ({
        canceled: false,
        filePath,
      })) as unknown as typeof dialog.showSaveDialog;
    }, path);
    const settings = {
      format: 'float32',
      sampleRate: 'native',
      loudness: null,
      truePeak: -1,
    } as const;
    await app.call('exportTake', { take: stored.id, settings });
    const exported = readWav(await readFile(path));
    const kept = readWav(await readFile(join(STORED, 'audio.wav')));
    expect(exported.sampleRate).toBe(kept.sampleRate);
    expect(exported.samples).toEqual(kept.samples);
    expect(await readFile(join(folder, 'old.json'), 'utf8')).toContain('Flite trio');
  });

  it('is generated anew with a voice and a θ of the loaded pack, which is said', async () => {
    await app.page.getByRole('row', { name: stored.text }).click();
    await app.page.keyboard.press('u');
    const voice = voiceToSpeak();
    const speaker = voice === stored.settings.voice ? `this pack’s ${voice}` : `so ${voice}`;
    await app.page
      .getByText(new RegExp(`made with .*Flite trio: .*${speaker} will speak, and θ is`))
      .waitFor();
    expect(await shownVoice()).toContain(voice);
    expect(Number(await theta())).toBeCloseTo(pack.defaults.theta, 6);
    await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
    await expect
      .poll(async () => (await app.call('listTakes', undefined))[0], { timeout: 60_000 })
      .toMatchObject({
        status: 'finished',
        text: stored.text,
        pack: { id: pack.id, sha256: pack.sha256 },
        settings: { voice, theta: pack.defaults.theta, seed: stored.settings.seed },
      });
  });
});
