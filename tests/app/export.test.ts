import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../main/audio/wav';
import { type App, launch, type } from './launch';

const PLAIN_EXPORT = {
  format: 'int16',
  sampleRate: 'native',
  loudness: null,
  truePeak: -1,
} as const;

let app: App;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-export-'));
  app = await launch();
  await app.ready();
  await type(app.page, 'Rice is often served in round bowls.');
  await app.page.keyboard.press('Control+Enter');
  await app.page.locator('[aria-label="Lane A"][data-phase="ready"]').waitFor({ timeout: 60_000 });
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The file dialog is the system's; what it answers is decided here. */
async function answerDialogs(path: string | null, button = 0): Promise<void> {
  await app.electron.evaluate(
    ({ dialog }, [filePath, response]) => {
      dialog.showSaveDialog = (async () => ({
        canceled: filePath === null,
        filePath: filePath ?? '',
      })) as unknown as typeof dialog.showSaveDialog;
      dialog.showMessageBox = (async () => ({
        response,
        checkboxChecked: false,
      })) as unknown as typeof dialog.showMessageBox;
    },
    [path, button] as const,
  );
}

describe('exporting', () => {
  it('writes through the dialog, reads back, and shows the path', async () => {
    const path = join(folder, 'bowls.wav');
    await answerDialogs(path);
    await app.page.keyboard.press('Control+e');
    const dialog = app.page.getByRole('dialog', { name: 'Export WAV' });
    await dialog.getByText('48 kHz').click();
    await dialog.getByText('24 bit').click();
    await dialog.getByRole('button', { name: 'Choose where' }).click();
    await dialog.getByText(path, { exact: true }).waitFor();
    const wav = readWav(await readFile(path));
    const [take] = await app.call('listTakes', undefined);
    expect([wav.sampleRate, wav.bits]).toEqual([48_000, 24]);
    expect(wav.samples.length / 48_000).toBeCloseTo(take.frames / take.pack.frameRate, 3);
    expect(wav.tags.INAM).toBe(take.name);
    const sidecar = JSON.parse(await readFile(join(folder, 'bowls.json'), 'utf8'));
    expect(JSON.stringify(sidecar)).toContain(`"seed":${take.settings.seed}`);
    expect(JSON.stringify(sidecar)).toContain(take.pack.sha256);
    await dialog.getByRole('button', { name: 'Done' }).click();
  });

  it.each([
    { format: 'int16', bits: 16, sampleRate: 'native' },
    { format: 'int24', bits: 24, sampleRate: 44_100 },
    { format: 'float32', bits: 32, sampleRate: 48_000 },
  ] as const)('$format at $sampleRate, to a loudness', async ({ format, bits, sampleRate }) => {
    const path = join(folder, `${format}.wav`);
    await answerDialogs(path);
    const [take] = await app.call('listTakes', undefined);
    const rate = sampleRate === 'native' ? take.pack.sampleRate : sampleRate;
    // A level that no plosive's peak stands in the way of.
    const settings = { format, sampleRate, loudness: -30, truePeak: -1 };
    const report = await app.call('exportTake', { take: take.id, settings });
    expect(report).toMatchObject({ path, bits, sampleRate: rate });
    const wav = readWav(await readFile(path));
    expect([wav.sampleRate, wav.bits]).toEqual([rate, bits]);
    expect(Math.abs((report?.loudness ?? 0) + 30)).toBeLessThan(0.2);
    expect(report?.truePeak).toBeLessThanOrEqual(-1);
  });

  it('replaces nothing without a yes', async () => {
    const [take] = await app.call('listTakes', undefined);
    const path = join(folder, 'mine.wav');
    await writeFile(join(folder, 'mine.json'), 'mine');
    await answerDialogs(path, 0);
    expect(await app.call('exportTake', { take: take.id, settings: PLAIN_EXPORT })).toBeNull();
    expect(await readFile(join(folder, 'mine.json'), 'utf8')).toBe('mine');
    await answerDialogs(path, 1);
    expect(await app.call('exportTake', { take: take.id, settings: PLAIN_EXPORT })).not.toBeNull();
    expect(await readFile(join(folder, 'mine.json'), 'utf8')).not.toBe('mine');
  });

  it('asks for a foreign sidecar although the dialog asked for the WAV file', async () => {
    const [take] = await app.call('listTakes', undefined);
    const path = join(folder, 'both.wav');
    await answerDialogs(path, 0);
    expect(await app.call('exportTake', { take: take.id, settings: PLAIN_EXPORT })).not.toBeNull();
    // Its own sidecar goes with the file that was agreed to; a message box would say no here.
    expect(await app.call('exportTake', { take: take.id, settings: PLAIN_EXPORT })).not.toBeNull();
    await writeFile(join(folder, 'both.json'), '{"mine":true}');
    expect(await app.call('exportTake', { take: take.id, settings: PLAIN_EXPORT })).toBeNull();
    expect(await readFile(join(folder, 'both.json'), 'utf8')).toBe('{"mine":true}');
  });

  it('into a folder that cannot be written says so in one sentence, and reveals nothing else', async () => {
    const [take] = await app.call('listTakes', undefined);
    await answerDialogs(join(folder, 'mine.wav', 'inside.wav'));
    await expect(app.call('exportTake', { take: take.id, settings: PLAIN_EXPORT })).rejects.toThrow(
      /mine\.wav/,
    );
    await expect(app.call('revealExport', { path: '/etc/passwd' })).rejects.toThrow(/Only files/);
  });
});

describe('dragging a take out of the window', () => {
  it('offers a WAV file of its name', async () => {
    const [take] = await app.call('listTakes', undefined);
    await app.electron.evaluate(({ BrowserWindow }) => {
      const [{ webContents }] = BrowserWindow.getAllWindows();
      webContents.startDrag = (item) => {
        Object.assign(globalThis, { dragged: item.file });
      };
    });
    await app.call('dragTake', { take: take.id });
    const file = await app.electron.evaluate(
      () => (globalThis as unknown as { dragged: string }).dragged,
    );
    expect(basename(file)).toBe('Rice is often served in round bowls.wav');
    const { samples, bits, sampleRate } = readWav(await readFile(file));
    expect([bits, sampleRate]).toEqual([16, take.pack.sampleRate]);
    expect(samples.length).toBe((take.frames * take.pack.sampleRate) / take.pack.frameRate);
  });
});
