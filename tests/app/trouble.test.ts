import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { readWav } from '../../main/audio/wav';
import { readManifest } from '../../main/packs/pack';
import { type App, launch, newUserData, ROOT, type } from './launch';

const LONG = Array.from({ length: 12 }, () => 'These days a chicken leg is a rare dish.').join(' ');

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function open(options: Parameters<typeof launch>[0] = {}): Promise<App> {
  const app = await launch(options);
  cleanUp.push(() => app.close().catch(() => undefined));
  return app;
}

const newest = async (app: App) => (await app.call('listTakes', undefined))[0];

/** Begins a long take and waits until some of it is on the disk. */
async function beginLong(app: App): Promise<void> {
  await type(app.page, LONG);
  await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
  await expect
    .poll(async () => (await newest(app))?.frames ?? 0, { timeout: 60_000 })
    .toBeGreaterThan(80);
}

/** The process that Electron calls by this name, as the system numbers it. */
async function processId(app: App, wanted: string): Promise<number> {
  const pid = await app.electron.evaluate(
    ({ app }, wanted) => app.getAppMetrics().find(({ name }) => name === wanted)?.pid,
    wanted,
  );
  if (pid === undefined) throw new Error(`There is no process ${wanted}.`);
  return pid;
}

const inferencePid = (app: App) => processId(app, 'timbrel-inference');

describe.each(['SIGKILL', 'SIGSEGV'] as const)('an engine that dies of %s', (signal) => {
  it('keeps finished sound, says so, and the next take works', async () => {
    const app = await open();
    await app.ready();
    await beginLong(app);
    process.kill(await inferencePid(app), signal);
    await app.page
      .getByText(/The engine stopped unexpectedly/)
      .first()
      .waitFor({ timeout: 30_000 });
    await expect.poll(async () => (await newest(app)).status).toBe('failed');
    const dead = await newest(app);
    expect(dead.problem).toMatch(/What was finished is kept/);
    expect(dead.frames).toBeGreaterThan(20);
    const { samples } = readWav(await readFile(join(app.userData, 'takes', dead.id, 'audio.wav')));
    expect(samples.length).toBeGreaterThan(0);
    await app.ready();
    await type(app.page, 'Rice is good.');
    await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
    await expect.poll(async () => (await newest(app)).status, { timeout: 60_000 }).toBe('finished');
    expect((await newest(app)).id).not.toBe(dead.id);
  });
});

describe('a codec in a process of its own', () => {
  it('that dies fails the take with a sentence, and the next take works', async () => {
    const app = await open({ switches: ['--codec-apart'] });
    await app.ready();
    await beginLong(app);
    const [engine, codec] = [await inferencePid(app), await processId(app, 'timbrel-codec')];
    // Stopped first, so that sound is asked of it when it dies; between two chunks none would be lost.
    process.kill(codec, 'SIGSTOP');
    await setTimeout(1000);
    process.kill(codec, 'SIGKILL');
    await expect.poll(async () => (await newest(app)).status).toBe('failed');
    const failed = await newest(app);
    expect(failed.problem).toMatch(/The codec stopped unexpectedly.*What was finished is kept/);
    const { samples } = readWav(
      await readFile(join(app.userData, 'takes', failed.id, 'audio.wav')),
    );
    expect(samples.length).toBeGreaterThan(0);
    await type(app.page, 'Rice is good.');
    await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
    await expect.poll(async () => (await newest(app)).status, { timeout: 60_000 }).toBe('finished');
    expect((await newest(app)).id).not.toBe(failed.id);
    expect(await inferencePid(app)).toBe(engine);
    expect(await processId(app, 'timbrel-codec')).not.toBe(codec);
  });
});

describe('an engine that is stopped', () => {
  it('is ended after a silence, and comes back', async () => {
    const app = await open();
    await app.ready();
    await beginLong(app);
    const stopped = await inferencePid(app);
    process.kill(stopped, 'SIGSTOP');
    await expect.poll(async () => (await newest(app)).status, { timeout: 40_000 }).toBe('failed');
    await app.ready();
    expect(await inferencePid(app)).not.toBe(stopped);
  });
});

describe('an app that is killed while it generates', () => {
  it('finds the take again, with its sound, marked as interrupted', async () => {
    const userData = await newUserData();
    cleanUp.push(() => rm(userData, { recursive: true, force: true }));
    const app = await launch({ userData });
    await app.ready();
    await beginLong(app);
    const before = await newest(app);
    const inference = await inferencePid(app);
    const { pid } = app.electron.process();
    const gone = app.electron.waitForEvent('close');
    process.kill(pid as number, 'SIGKILL');
    await gone;
    // The inference process goes with its parent: nothing is left behind.
    await expect
      .poll(
        () => {
          try {
            process.kill(inference, 0);
            return 'alive';
          } catch {
            return 'gone';
          }
        },
        { timeout: 20_000 },
      )
      .toBe('gone');

    const again = await open({ userData });
    await again.ready();
    const take = await newest(again);
    expect(take.id).toBe(before.id);
    expect(take.status).toBe('interrupted');
    expect(take.frames).toBeGreaterThan(20);
    expect(take.settings).toEqual(before.settings);
    const { sound, rounds } = await again.page.evaluate(async (id) => {
      const reply = await window.timbrel.readTake({ take: id });
      if (!reply.ok) throw new Error(reply.failure.message);
      return { sound: reply.value.sound.samples.length, rounds: reply.value.rounds.length };
    }, take.id);
    expect(sound).toBe((take.frames * take.pack.sampleRate) / take.pack.frameRate);
    expect(rounds).toBeGreaterThan(10);
    // The script is where it was left, too.
    const script = again.page.getByRole('textbox', { name: 'Script text' });
    expect(await script.inputValue()).toBe(LONG);
  });
});

describe('a voice pack that was altered', () => {
  it('is named with both hashes, and the window stays open', async () => {
    const pack = await mkdtemp(join(tmpdir(), 'timbrel-pack-'));
    cleanUp.push(() => rm(pack, { recursive: true, force: true }));
    await cp(join(ROOT, 'models/default'), pack, { recursive: true });
    const { file } = (await readManifest(pack)).manifest.models.draft;
    const bytes = await readFile(join(pack, file));
    bytes[bytes.length >> 1] ^= 1;
    await writeFile(join(pack, file), bytes);
    const app = await open({ switches: [`--pack=${pack}`] });
    const alert = app.page.getByRole('alert').filter({ hasText: file });
    await alert.waitFor({ timeout: 30_000 });
    expect((await alert.textContent())?.match(/[0-9a-f]{64}/g)).toHaveLength(2);
    await rm(join(pack, file));
    await app.page.getByRole('button', { name: 'Restart engine' }).click();
    await app.page.getByText(`${file} is missing`).first().waitFor();
    await cp(join(ROOT, 'models/default', file), join(pack, file));
    // As by a key held down.
    await Promise.all([app.call('restartEngine', undefined), app.call('restartEngine', undefined)]);
    await app.ready();
    const engines = await app.electron.evaluate(
      ({ app }) => app.getAppMetrics().filter(({ name }) => name === 'timbrel-inference').length,
    );
    expect(engines).toBe(1);
  });
});

describe('a disk', () => {
  it('that is full ends the take with a sentence, keeps its sound, and the next take works', async (ctx) => {
    const disk = await mkdtemp(join(tmpdir(), 'timbrel-disk-'));
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=700k', 'tmpfs', disk]);
    if (mount.status !== 0) return ctx.skip('a small disk cannot be mounted here');
    cleanUp.push(() => spawnSync('umount', ['-l', disk]));
    const app = await open({ switches: [`--takes=${disk}`] });
    await app.ready();
    await type(app.page, LONG);
    await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
    await expect.poll(async () => (await newest(app))?.status, { timeout: 60_000 }).toBe('failed');
    const full = await newest(app);
    expect(full.problem).toMatch(/full|space/i);
    expect(full.frames).toBeGreaterThan(50);
    await app.page
      .getByText(/full|space/i)
      .first()
      .waitFor();
    const sound = await app.call('readTake', { take: full.id });
    expect(Object.keys(sound.sound.samples).length).toBeGreaterThan(0);
    await app.call('removeTake', { take: full.id });
    await rm(join(disk, '.removed'), { recursive: true });
    await type(app.page, 'Rice is good.');
    await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
    await expect
      .poll(async () => (await newest(app))?.status, { timeout: 60_000 })
      .toBe('finished');
  });

  it('folder that cannot be used is named in the window', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'timbrel-file-')), 'file');
    await writeFile(file, '');
    const app = await open({ switches: [`--takes=${join(file, 'takes')}`] });
    await app.page
      .getByRole('alert')
      .filter({ hasText: 'takes' })
      .first()
      .waitFor({ timeout: 30_000 });
  });
});

describe('a text', () => {
  it('of which nothing can be spoken is refused with a sentence', async () => {
    const app = await open();
    await app.ready();
    await type(app.page, '你好');
    await expect
      .poll(() => app.page.getByRole('button', { name: 'Generate', exact: true }).isDisabled())
      .toBe(true);
    await app.page
      .getByText(/cannot speak|can be spoken/)
      .first()
      .waitFor();
    await type(app.page, 'Rice ★ is good.');
    await expect.poll(() => app.page.locator('s').allTextContents()).toEqual(['★']);
    const { engine } = await app.call('getState', undefined);
    if (engine.status !== 'ready') throw new Error('The engine is not ready.');
    const { voices, defaults, thetaFloor } = engine.pack;
    const base = {
      ...defaults,
      voice: voices[0].name,
      method: 'pcg',
      topK: 0,
      repetitionPenalty: 1,
      seed: 1,
    } as const;
    const ask = (change: object, text = 'Rice.') =>
      app.call('generate', { text, settings: { ...base, ...change }, pair: null });
    await expect(ask({ theta: 1.4 })).rejects.toThrow(/theta/);
    await expect(ask({ theta: -0.4 })).rejects.toThrow(/theta/);
    if (thetaFloor > 0) {
      await expect(ask({ theta: thetaFloor / 2 })).rejects.toThrow(/θ 0\.\d+ is too low/);
    }
    await expect(ask({ voice: 'nobody' })).rejects.toThrow(/nobody/);
    await expect(ask({}, '你好')).rejects.toThrow(/speak/);
    await expect(ask({}, 'x'.repeat(20_001))).rejects.toThrow(/text/);
    expect(await app.call('listTakes', undefined)).toEqual([]);
  });
});

describe('a very long text', () => {
  it('is one take of many pieces, announced before and cancelled at once', async () => {
    const app = await open();
    await app.ready();
    const text = 'These days a chicken leg is a rare dish. '.repeat(488).slice(0, 20_000);
    await type(app.page, text);
    await app.page.getByText(/Spoken in \d+ pieces/).waitFor();
    await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
    await app.page.getByText(/piece \d+ of \d{2,}/).waitFor();
    await app.page.keyboard.press('Escape');
    await expect.poll(async () => (await newest(app)).status).toBe('cancelled');
    expect((await newest(app)).text).toBe(text);
    await type(app.page, `${text}x`);
    await app.page
      .getByText(/over the limit/)
      .first()
      .waitFor();
    expect(await app.page.getByRole('button', { name: 'Generate', exact: true }).isDisabled()).toBe(
      true,
    );
  });
});

describe('a take that cannot be read', () => {
  it('is set aside and named in the window, and the others are there', async () => {
    const userData = await newUserData();
    cleanUp.push(() => rm(userData, { recursive: true, force: true }));
    const damaged = join(userData, 'takes', '20260101-000000-aaaa');
    await mkdir(damaged, { recursive: true });
    await writeFile(join(damaged, 'take.json'), '{"schema":1,');
    const app = await open({ userData });
    // Before the engine is waited for: the sentence leaves by itself.
    await app.page
      .getByText(/20260101-000000-aaaa are damaged/)
      .first()
      .waitFor();
    await app.ready();
    expect(await app.call('listTakes', undefined)).toEqual([]);
  });
});

describe('a second instance', () => {
  it('leaves before it opens anything', async () => {
    const userData = await newUserData();
    cleanUp.push(() => rm(userData, { recursive: true, force: true }));
    const first = await open({ userData });
    await first.ready();
    const { spawnargs, spawnfile } = first.electron.process();
    const args = spawnargs.slice(1).filter((arg) => !/^--(inspect|remote-debugging)/.test(arg));
    const loader = args.indexOf('-r');
    if (loader >= 0) args.splice(loader, 2);
    const second = spawnSync(spawnfile, args, { timeout: 30_000 });
    expect(second.error).toBeUndefined();
    expect(second.status).toBe(0);
    const windows = await first.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows().length,
    );
    expect(windows).toBe(1);
  });
});
