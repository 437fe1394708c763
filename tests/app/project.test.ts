import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../main/audio/wav';
import { type App, launch } from './launch';

let app: App;
let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-project-app-'));
  project = join(folder, 'Play.timbrel');
  app = await launch();
  await app.ready();
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The dialogs are the system's; what they answer is decided here. */
async function answerDialogs(path: string): Promise<void> {
  await app.electron.evaluate(({ dialog }, chosen) => {
    dialog.showSaveDialog = (async () => ({
      canceled: false,
      filePath: chosen,
    })) as unknown as typeof dialog.showSaveDialog;
    dialog.showOpenDialog = (async () => ({
      canceled: false,
      filePaths: [chosen],
    })) as unknown as typeof dialog.showOpenDialog;
  }, path);
}

const onDisk = async () => JSON.parse(await readFile(project, 'utf8'));
const rows = () => app.page.getByRole('grid', { name: 'Lines' }).locator('[data-line]');
const press = (...keys: string[]) =>
  keys.reduce((before, key) => before.then(() => app.page.keyboard.press(key)), Promise.resolve());

describe('a project, by keyboard alone', () => {
  it('is made, and gets its lines from a CSV; a wrong one names its column and row', async () => {
    await answerDialogs(project);
    await press('Control+n');
    await app.page.getByRole('heading', { name: 'Play', exact: true }).waitFor();

    const csv = join(folder, 'lines.csv');
    await writeFile(csv, 'text,voice\nRice is good.,\nRound bowls.,nobody\n');
    await answerDialogs(csv);
    await press('Control+i');
    await app.page.getByText('lines.csv, row 3, column “voice”').waitFor();
    expect(await rows().count()).toBe(0);

    await writeFile(csv, 'text,seed\nRice is good.,1\nServed in round bowls.,2\nA third line.,3\n');
    await press('Control+i');
    await expect.poll(() => rows().count()).toBe(3);
    await expect
      .poll(async () => (await onDisk()).lines.map(({ text }: { text: string }) => text))
      .toEqual(['Rice is good.', 'Served in round bowls.', 'A third line.']);
  });

  it('has its lines edited, undone and done again', async () => {
    await press('Alt+j', 'Home', 'F2');
    await app.page.getByRole('textbox', { name: 'Text of line 1' }).waitFor();
    await app.page.keyboard.type('Rice is best.');
    await press('Enter');
    const first = app.page.getByRole('row').filter({ has: app.page.locator('[data-line="1"]') });
    await expect.poll(() => first.textContent()).toContain('Rice is best.');
    await press('Control+z');
    await expect.poll(() => first.textContent()).toContain('Rice is good.');
    await press('Control+Shift+z');
    await expect.poll(() => first.textContent()).toContain('Rice is best.');
    await expect.poll(async () => (await onDisk()).lines[0].text).toBe('Rice is best.');
  });

  it('has two lines generated, and keeps their takes', async () => {
    await press('Shift+ArrowDown', 'g');
    await expect
      .poll(
        async () => (await onDisk()).lines.map((line: { takes: unknown[] }) => line.takes.length),
        {
          timeout: 60_000,
        },
      )
      .toEqual([1, 1, 0]);
    const { lines } = await onDisk();
    const takes = await app.call('listTakes', undefined);
    for (const { text, chosen, takes: own } of lines.slice(0, 2)) {
      expect(chosen).toBe(own[0].take);
      expect(takes.find(({ id }) => id === chosen)).toMatchObject({ text, status: 'finished' });
    }
  });

  it('says words as its pronunciation list has them; their phones and sound come before', async () => {
    await press('Alt+Shift+p');
    const dialog = app.page.getByRole('dialog', { name: 'Pronunciations' });
    await dialog.getByRole('textbox', { name: 'Word' }).fill('third');
    await dialog.getByRole('textbox', { name: 'Say it as' }).fill('W IH1 N');
    await dialog.getByText('W IH1 N', { exact: true }).first().waitFor();
    const heard = () =>
      app.page.evaluate(() => (window as unknown as { heard: number[] }).heard.slice());
    await app.page.evaluate(() => {
      const heard: number[] = [];
      Object.assign(window, { heard });
      const { start } = AudioBufferSourceNode.prototype;
      AudioBufferSourceNode.prototype.start = function (...when) {
        heard.push(this.buffer?.duration ?? 0);
        start.apply(this, when);
      };
    });
    const takes = (await app.call('listTakes', undefined)).length;
    await press('Alt+h');
    await expect.poll(heard).toHaveLength(1);
    expect((await heard())[0]).toBeGreaterThan(0);
    const [{ settings }] = (await onDisk()).lines;
    const entry = { word: 'third', as: 'W IH1 N' };
    const asked = { entry, settings: { ...settings, seed: 1 } };
    const { samples } = await app.call('hearPronunciation', asked);
    expect(Object.values(samples).some((sample) => Math.abs(sample) > 0.01)).toBe(true);
    expect(await app.call('listTakes', undefined)).toHaveLength(takes);
    await press('Control+Enter');
    await dialog.getByRole('rowheader', { name: 'third' }).waitFor();
    await press('Escape');
    await expect
      .poll(async () => (await onDisk()).pronunciations)
      .toEqual([{ word: 'third', as: 'W IH1 N' }]);
  });

  it('is exported: every file has the settings, and is named by the template', async () => {
    const out = join(folder, 'out');
    await mkdir(out);
    await answerDialogs(out);
    await press('Control+Shift+e');
    const dialog = app.page.getByRole('dialog', { name: 'Export lines' });
    await dialog.getByRole('textbox', { name: 'Name template' }).fill('{number} - {text}');
    await dialog.getByText('1 - Rice is best.wav').waitFor();
    await dialog.getByText('48 kHz').click();
    await dialog.getByText('24 bit').click();
    await press('Control+Enter');
    await dialog.getByText('2 files were written and read back').waitFor({ timeout: 60_000 });
    await dialog.getByText('Line 3 has no chosen take.').waitFor();

    const wavs = (await readdir(out)).filter((name) => name.endsWith('.wav')).sort();
    expect(wavs).toEqual(['1 - Rice is best.wav', '2 - Served in round bowls.wav']);
    const { lines } = await onDisk();
    for (const [i, name] of wavs.entries()) {
      const wav = readWav(await readFile(join(out, name)));
      expect([wav.bits, wav.sampleRate]).toEqual([24, 48_000]);
      expect(wav.samples.length / 48_000).toBeCloseTo(lines[i].takes[0].seconds, 2);
      expect(wav.samples.some((sample) => Math.abs(sample) > 0.01)).toBe(true);
    }
    const table = await readFile(join(out, 'Play lines.csv'), 'utf8');
    expect(table).toContain('Served in round bowls.');
    await press('Control+Enter');
  });

  it('is found again by Recent, and offers to make again what lost its sound', async () => {
    await press('Control+Shift+w');
    await app.page.getByRole('list', { name: 'Recent projects' }).waitFor();
    const { lines } = await onDisk();
    await rm(join(app.userData, 'takes', lines[0].chosen), { recursive: true });
    await app.page.getByRole('list', { name: 'Recent projects' }).getByRole('button').click();
    await app.page.getByText('The sound of 1 take is gone').waitFor();
    await app.page.getByRole('button', { name: 'Make again' }).click();
    await expect
      .poll(async () => (await onDisk()).lines[0].chosen, { timeout: 60_000 })
      .not.toBe(lines[0].chosen);
    const [again] = (await onDisk()).lines[0].takes;
    expect(again.settings).toEqual(lines[0].takes[0].settings);
    expect((await onDisk()).lines[0].takes).toHaveLength(1);
    await app.page.getByText('The sound of 1 take is gone').waitFor({ state: 'detached' });
  });

  it('that is damaged opens its backup and says so, from the menu too', async () => {
    await press('Control+Shift+w');
    await app.page.getByRole('list', { name: 'Recent projects' }).waitFor();
    await writeFile(project, '{"schema":1,');
    await app.electron.evaluate(({ Menu }) => {
      const file = Menu.getApplicationMenu()?.items.find(({ label }) => label === 'File');
      const recent = file?.submenu?.items.find(({ label }) => label === 'Open recent');
      recent?.submenu?.items.find(({ label }) => label === 'Play.timbrel')?.click();
    });
    await app.page.getByText('so its backup was opened').waitFor();
    await expect.poll(() => rows().count()).toBe(3);
  });

  it('has the last edit on the disk when the window is closed right after it', async () => {
    await press('Alt+j', 'Home', 'F2');
    await app.page.getByRole('textbox', { name: 'Text of line 1' }).fill('Last words.');
    await app.electron.close();
    expect((await onDisk()).lines[0].text).toBe('Last words.');
  });
});
