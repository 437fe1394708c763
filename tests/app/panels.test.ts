import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Line, Suspicion } from '../../contract/project';
import type { Take } from '../../contract/take';
import { type App, launch, type } from './launch';
import { picture, resize, seriousFaults, USUAL, unusableWhenSmall } from './looks';

const SENTENCE = 'The birch canoe slid on the smooth planks.';

let app: App;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-panels-'));
  app = await launch();
  await app.ready();
  await resize(app, USUAL);
  await app.page.getByText('Dark', { exact: true }).click();
  await type(app.page, SENTENCE);
  await app.page.getByRole('button', { name: 'Generate pair', exact: true }).click();
  await app.page.locator('[aria-label="Lane B"][data-phase="ready"]').waitFor({ timeout: 60_000 });
  const takes = await app.call('listTakes', undefined);
  const project = join(folder, 'Planks.timbrel');
  await writeFile(project, JSON.stringify(exampleProject(takes)));
  await app.electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = (async () => ({
      canceled: false,
      filePaths: [chosen],
    })) as unknown as typeof dialog.showOpenDialog;
  }, project);
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Lines with takes that are there, are gone, or are suspect, with a problem, and with nothing. */
function exampleProject([first, second]: Take[]) {
  const takeOf = ({ id, text, settings, frames, pack }: Take, suspicions: Suspicion[] = []) => {
    return { take: id, text, settings, seconds: frames / pack.frameRate, suspicions };
  };
  const line = (text: string, part: Partial<Line> = {}): Line => {
    const { settings } = first;
    return { id: randomUUID(), text, settings, takes: [], chosen: null, problem: null, ...part };
  };
  const [one, two] = [takeOf(first), takeOf(second)];
  const gone = { ...takeOf(first, ['silence', 'length']), take: 'gone-long-ago' };
  return {
    schema: 1,
    pronunciations: [
      { word: 'Nguyen', as: 'when' },
      { word: 'canoe', as: 'K AH0 N UW1' },
    ],
    lines: [
      line(SENTENCE, { takes: [one, two], chosen: one.take }),
      line('Glue the sheet to the dark blue background.', { takes: [gone], chosen: gone.take }),
      line('…?', { problem: 'There is only punctuation here: type some words to speak.' }),
      line('It was changed afterwards.', { takes: [two], chosen: two.take }),
      ...Array.from({ length: 30 }, (_, i) => line(`Line ${i + 5} of a play that goes on.`)),
    ],
  };
}

const press = (...keys: string[]) =>
  keys.reduce((before, key) => before.then(() => app.page.keyboard.press(key)), Promise.resolve());
const dialog = (name: string) => app.page.getByRole('dialog', { name });
const panel = (name: string) => app.page.getByRole('region', { name, exact: true });

/** Notices are over what is looked at. */
async function clear(): Promise<void> {
  await app.page.mouse.move(2, 2);
  const notices = app.page.getByRole('button', { name: 'Dismiss notice' });
  // They also leave by themselves: each look counts those that are still there.
  while ((await notices.count()) > 0) await press('Alt+x');
}

async function lookAtDialog(name: string, key: string, shot: string): Promise<void> {
  await press(key);
  await dialog(name).waitFor();
  await look();
  await picture(dialog(name), shot);
  await press('Escape');
  await dialog(name).waitFor({ state: 'detached' });
}

async function look(): Promise<void> {
  await clear();
  expect(await seriousFaults(app.page)).toEqual([]);
  expect(await unusableWhenSmall(app)).toEqual([]);
}

describe('every panel, in both themes, in the smallest window and at a zoom of 200 %', () => {
  it('the deck with all it can show, the script, acceptance and the takes', async () => {
    await app.page.getByRole('button', { name: 'More sampling settings' }).click();
    await app.page.getByRole('button', { name: 'Read as', exact: true }).click();
    for (const name of ['Spectrogram', 'Differences', 'Loop']) {
      await app.page.getByRole('button', { name, exact: true }).click();
    }
    await app.page.getByText(/% of tokens differ/).waitFor();
    await app.page.getByRole('slider', { name: 'Tokens of lane B' }).focus();
    await press('Home', 'ArrowRight');
    await look();
    await picture(panel('Script & voice'), 'script');
    await picture(panel('Acceptance'), 'acceptance');
    await picture(panel('Takes'), 'takes');
  });

  it.each([
    { name: 'Help and about', key: 'F1', shot: 'help' },
    { name: 'Keyboard shortcuts', key: 'Shift+?', shot: 'keys' },
    { name: 'Export WAV', key: 'Control+e', shot: 'export' },
    { name: 'Engine', key: 'Alt+e', shot: 'engine' },
  ])('$name', async ({ name, key, shot }) => {
    await app.page.mouse.click(5, 5);
    await lookAtDialog(name, key, shot);
  });

  it('every licence, of which one is opened', async () => {
    await app.page.mouse.click(5, 5);
    await press('F1');
    await app.page.getByRole('dialog', { name: 'Help and about' }).waitFor();
    await press('Alt+l');
    const licences = app.page.getByRole('dialog', { name: 'Licences' });
    await licences.getByText(/^onnxruntime-node/).click();
    await licences.getByText('Copyright (c) Microsoft Corporation').waitFor();
    expect(await licences.locator('summary').count()).toBeGreaterThan(40);
    await picture(licences, 'licences');
    expect(await seriousFaults(app.page)).toEqual([]);
    await press('Escape');
    await licences.waitFor({ state: 'detached' });
  });

  it('a list to choose from', async () => {
    const voices = app.page.getByRole('listbox', { name: 'Voice' });
    await press('Alt+v', 'Enter');
    await voices.waitFor();
    expect(await seriousFaults(app.page)).toEqual([]);
    await press('Escape');
    await voices.waitFor({ state: 'detached' });
  });

  it('the project, with lines that wait, failed, are suspect, lost their sound', async () => {
    await press('Alt+Shift+w', 'ArrowRight');
    await app.page.getByRole('button', { name: 'New project' }).waitFor();
    await look();
    await press('Control+o');
    await app.page.getByText('The sound of 1 take is gone').waitFor();
    await app.page.getByRole('heading', { name: 'Planks', exact: true }).waitFor();
    await press('Alt+j', 'Home');
    await look();
    // Looking scrolled the list.
    const list = app.page.getByRole('grid', { name: 'Lines' });
    await list.hover();
    await app.page.mouse.wheel(0, -5000);
    await expect.poll(() => list.evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    await app.page.mouse.move(2, 2);
    await picture(app.page, 'project');
    await press('F2');
    await app.page.getByRole('textbox', { name: 'Text of line 1' }).waitFor();
    expect(await seriousFaults(app.page)).toEqual([]);
    await press('Escape');
  });

  it.each([
    { name: 'Pronunciations', key: 'Alt+Shift+p', shot: 'pronunciations' },
    { name: 'Export lines', key: 'Control+Shift+e', shot: 'line-export' },
  ])('$name', async ({ name, key, shot }) => {
    await lookAtDialog(name, key, shot);
  });

  it('the set-up of blind tests, from sentences and from takes, of every kind', async () => {
    await press('Control+b');
    await dialog('New blind test').waitFor();
    for (const kind of ['Preference', 'CMOS', 'ABX', 'MUSHRA-like']) {
      await dialog('New blind test').getByText(kind, { exact: true }).click();
      await look();
    }
    await dialog('New blind test').getByText('From takes', { exact: true }).click();
    await look();
    await picture(dialog('New blind test'), 'listening-takes');
    await press('Escape');
    await dialog('New blind test').waitFor({ state: 'detached' });
  });
});
