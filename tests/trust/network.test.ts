import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_LINE_EXPORT, type Line } from '../../contract/project';
import type { SpeakSettings } from '../../contract/settings';
import { callFrom, electronPath, launch, ROOT, type } from '../app/launch';
import { debuggingAddress, packageApp, packagedSwitches } from '../packaged-app';
import { IN_FULL, record } from './figures';
import { Watch } from './watched';

let watch: Watch | undefined;
beforeEach(async (ctx) => {
  ctx.skip(
    process.platform !== 'linux',
    'strace, which watches the system calls, is a tool of Linux',
  );
  watch = await Watch.open();
});
afterEach(() => watch?.close());

/** Fails where anything was looked up, left the machine, or was queued to leave it. */
async function expectSilence(ctx: Parameters<typeof record>[0], who: string): Promise<void> {
  const { lookUps, outside, seen } = await (watch as Watch).asked();
  const { folder } = watch as Watch;
  const queued = existsSync(join(folder, '.cache/Microsoft'));
  const logs = (await readdir(join(folder, 'tmp'))).filter((name) => name.startsWith('mat-debug'));
  const isSilent = lookUps.length + outside.length + logs.length === 0 && !queued;
  record(ctx, {
    threat: `privacy: ${who}, its system calls watched`,
    tried: 1,
    survived: isSilent ? 1 : 0,
    figure: `look-ups ${lookUps.length}, calls to outside addresses ${outside.length}, of ${seen} network calls`,
  });
  expect({ lookUps, outside, queued, logs }).toEqual({
    lookUps: [],
    outside: [],
    queued: false,
    logs: [],
  });
  expect(seen).toBeGreaterThan(0);
}

const SETTINGS: Omit<SpeakSettings, 'voice' | 'theta'> = {
  method: 'pcg',
  lookahead: 3,
  temperature: 0.8,
  topK: 0,
  topP: 0.95,
  repetitionPenalty: 1,
  seed: 7,
};

/** Starts, speaks, plays, compares blind, and works in a project, all through the page. */
async function workThrough(page: Page, folder: string, project: string, dialogs: boolean) {
  const call = callFrom(page);
  await page.getByRole('button', { name: /^Runs on/ }).waitFor({ timeout: 120_000 });
  await type(page, 'Rice is good.');
  await page.keyboard.press('Control+Shift+Enter');
  for (const lane of ['A', 'B']) {
    await page.locator(`[aria-label="Lane ${lane}"][data-phase="ready"]`).waitFor();
  }
  await page.keyboard.press('F1');
  await page.getByRole('dialog', { name: 'Help and about' }).waitFor();
  await page.keyboard.press('Escape');
  const takes = (await call('listTakes', undefined)).map(({ id }) => id);
  expect(takes).toHaveLength(2);

  const test = await call('createListeningTest', {
    kind: 'preference',
    trials: 5,
    source: { from: 'takes', rows: [takes] },
  });
  for (let trial = 0; trial < 5; trial++) {
    await call('getListeningTrial', { test: test.id });
    await call('answerListeningTrial', {
      test: test.id,
      trial,
      answer: { kind: 'preference', choice: 'first' },
      plays: [1, 1],
    });
  }
  await call('getListeningResult', { test: test.id });

  const { engine } = await call('getState', undefined);
  if (engine.status !== 'ready') throw new Error('The engine is not ready.');
  const { pack } = engine;
  const settings = { ...SETTINGS, voice: pack.voices[0].name, theta: pack.defaults.theta };
  const opened = dialogs
    ? await call('newProject', undefined)
    : await call('openProject', { path: project });
  const line = { text: 'Come in.', settings };
  const spoken = await call('speakLine', {
    ...line,
    job: crypto.randomUUID(),
    pronunciations: [],
  });
  const { take, seconds, suspicions } = spoken;
  const spokenLine: Line = {
    ...line,
    id: crypto.randomUUID(),
    takes: [{ ...line, take: take.id, seconds, suspicions }],
    chosen: take.id,
    problem: null,
  };
  const path = opened?.path ?? '';
  await call('stageLines', { path, lines: [spokenLine] });
  await call('saveProject', { path, order: [spokenLine.id], pronunciations: [] });
  const sound = { format: 'int16', sampleRate: 'native', loudness: null, truePeak: -1 } as const;
  if (dialogs) {
    await call('exportTake', { take: takes[0], settings: sound });
    await call('exportListeningTest', { test: test.id, format: 'html' });
    await call('exportLines', { settings: DEFAULT_LINE_EXPORT, sound });
    expect((await readdir(folder)).filter((name) => /\.(wav|html|csv)$/.test(name))).not.toEqual(
      [],
    );
  }
  await call('closeProject', undefined);
}

it('sees look-ups and sockets that lead outside', async () => {
  const { run, asked } = { run: watch?.run.bind(watch), asked: watch?.asked.bind(watch) };
  const node = async (code: string) => {
    expect(await run?.(process.execPath, ['-e', code])).toBe(0);
    return await asked?.();
  };
  const lookUp = await node(`require('node:dns').lookup('timbrel.invalid', () => {})`);
  expect(lookUp?.lookUps).not.toEqual([]);
  // Of an address for documentation; connecting sends nothing.
  const outside = await node(`
    const socket = require('node:dgram').createSocket('udp4');
    const end = () => process.exit();
    socket.on('error', end).connect(9, '192.0.2.1', end);
  `);
  expect(outside?.outside.length).toBeGreaterThan(0);
  const within = await node(`
    const server = require('node:net').createServer().listen(0, '127.0.0.1', () => server.close());
  `);
  expect(within).toMatchObject({ lookUps: [], outside: [] });
  expect(within?.seen).toBeGreaterThan(0);
});

it('the app asks nothing of any network, from start to quit', async (ctx) => {
  const { folder, env } = watch as Watch;
  const app = await launch({
    userData: join(folder, 'user'),
    executable: await (watch as Watch).wrap(await electronPath()),
    env,
  });
  const ended = once(app.electron.process(), 'exit');
  // The dialogs are the system's; what they answer is decided here.
  await app.electron.evaluate(({ dialog }, home) => {
    const { join } = process.getBuiltinModule('node:path');
    let files = 0;
    dialog.showSaveDialog = (async (_window: unknown, { title }: { title?: string }) => {
      files += 1;
      const extension = /project/i.test(title ?? '')
        ? 'timbrel'
        : /report/i.test(title ?? '')
          ? 'html'
          : 'wav';
      return { canceled: false, filePath: join(home, `${files}.${extension}`) };
    }) as unknown as typeof dialog.showSaveDialog;
    dialog.showOpenDialog = (async () => ({
      canceled: false,
      filePaths: [home],
    })) as unknown as typeof dialog.showOpenDialog;
  }, folder);
  try {
    await workThrough(app.page, folder, '', true);
  } finally {
    await app.close();
  }
  await ended;
  await expectSilence(ctx, 'the app from start to quit');
});

it('the command line asks nothing of any network', async (ctx) => {
  const { folder } = watch as Watch;
  const out = join(folder, 'rice.wav');
  const code = await watch?.run(process.execPath, [
    join(ROOT, 'out/main/speak.js'),
    ...['--text', 'Rice is good.', '--out', out],
  ]);
  expect(code).toBe(0);
  expect(existsSync(out)).toBe(true);
  await expectSilence(ctx, '`speak`');
});

it('measuring asks nothing of any network', async (ctx) => {
  ctx.skip(!IN_FULL, 'bench takes a while: npm run trust watches it');
  const args = ['--sentences', '1', '--seeds', '1'];
  expect(await watch?.run(process.execPath, [join(ROOT, 'out/main/bench.js'), ...args])).toBe(0);
  await expectSilence(ctx, '`bench`');
});

it('the packaged app asks nothing of any network, from start to quit', async (ctx) => {
  const { folder, env } = watch as Watch;
  const { executable } = await packageApp();
  const userData = join(folder, 'user');
  const project = join(folder, 'Play.timbrel');
  await mkdir(userData);
  await writeFile(project, JSON.stringify({ schema: 1, pronunciations: [], lines: [] }));
  // No test can answer its dialogs, so it finds the project among those that were opened before.
  await writeFile(join(userData, 'memory.json'), JSON.stringify({ recentProjects: [project] }));
  const app = spawn(await (watch as Watch).wrap(executable), packagedSwitches(userData), {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: strace alone would leave the app behind.
    detached: true,
  });
  const ended = once(app, 'exit');
  try {
    const browser = await chromium.connectOverCDP(await debuggingAddress(app));
    const [context] = browser.contexts();
    const page = context.pages()[0] ?? (await context.waitForEvent('page'));
    await workThrough(page, folder, project, false);
    // The window's own way out.
    await page.close();
    await browser.close();
    await ended;
  } finally {
    if (app.exitCode === null && app.pid !== undefined) process.kill(-app.pid, 'SIGKILL');
  }
  await expectSilence(ctx, 'the packaged app from start to quit');
});
