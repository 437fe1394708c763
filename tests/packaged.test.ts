import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../main/packs/pack';

const ROOT = resolve(import.meta.dirname, '..');

/** Where the parts of an unpacked package are, in electron-builder's folder for this platform. */
function packageParts(output: string) {
  if (process.platform === 'darwin') {
    const contents = join(
      output,
      process.arch === 'arm64' ? 'mac-arm64' : 'mac',
      'Timbrel.app/Contents',
    );
    return { executable: join(contents, 'MacOS/Timbrel'), resources: join(contents, 'Resources') };
  }
  const windows = process.platform === 'win32';
  const folder = join(output, windows ? 'win-unpacked' : 'linux-unpacked');
  return {
    executable: join(folder, windows ? 'Timbrel.exe' : 'timbrel'),
    resources: join(folder, 'resources'),
  };
}

/** The packaged app refuses Node's inspector, so Chromium's own debugging port is the way in. */
function debuggingAddress(app: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let printed = '';
    app.stderr?.on('data', (data) => {
      printed += data;
      const address = /DevTools listening on (ws:\S+)/.exec(printed);
      if (address) found(address[1]);
    });
    app.once('error', failed);
    app.once('exit', (code) => failed(new Error(`The app ended with code ${code}:\n${printed}`)));
  });
}

let parts: ReturnType<typeof packageParts>;
beforeAll(async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'scripts/dist.mjs'), '--if-stale'],
    { cwd: ROOT },
  );
  parts = packageParts(stdout.trim());
});

describe('the packaged folder', () => {
  it('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(parts.executable);
    const fuses = Object.fromEntries(
      Object.entries(wire).flatMap(([key, state]) => {
        const name = FuseV1Options[Number(key)];
        return name ? [[name, String.fromCharCode(Number(state))]] : [];
      }),
    );
    expect(fuses).toEqual({
      RunAsNode: '0',
      EnableCookieEncryption: '0',
      EnableNodeOptionsEnvironmentVariable: '0',
      EnableNodeCliInspectArguments: '0',
      EnableEmbeddedAsarIntegrityValidation: '1',
      OnlyLoadAppFromAsar: '1',
      LoadBrowserProcessSpecificV8Snapshot: '0',
      GrantFileProtocolExtraPrivileges: '0',
    });
  });

  it('holds the app in an archive, the pack beside it, and nothing of a development runtime', async () => {
    const { manifest } = await readManifest(join(ROOT, 'models/default'));
    expect((await readdir(parts.resources)).filter((name) => /^(default_)?app/.test(name))).toEqual(
      ['app.asar', 'app.asar.unpacked'],
    );
    expect((await readdir(join(parts.resources, 'models'))).sort()).toEqual(['default']);
    const packaged = await readdir(join(parts.resources, 'models/default'), {
      recursive: true,
      withFileTypes: true,
    });
    const files = packaged
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) =>
        relative(join(parts.resources, 'models/default'), join(parentPath, name)),
      );
    expect(files.sort()).toEqual(
      ['pack.json', ...Object.keys(manifest.files)].map((name) => join(name)).sort(),
    );
    expect(existsSync(join(parts.resources, '../timbrel-runtime.json'))).toBe(false);
  });

  it('carries the inference library of this platform alone', async () => {
    const binaries = 'app.asar.unpacked/node_modules/onnxruntime-node/bin/napi-v6';
    const platforms = await readdir(join(parts.resources, binaries));
    expect(platforms).toEqual([process.platform]);
    expect(await readdir(join(parts.resources, binaries, process.platform))).toEqual([
      process.arch,
    ]);
  });
});

describe('the packaged app', () => {
  let home: string;
  let app: ChildProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'timbrel-packaged-'));
    const root = process.platform === 'linux' && process.getuid?.() === 0;
    app = spawn(
      parts.executable,
      [
        '--remote-debugging-port=0',
        `--user-data-dir=${home}`,
        // Electron refuses its sandbox to root.
        ...(root ? ['--no-sandbox'] : []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    browser = await chromium.connectOverCDP(await debuggingAddress(app));
    const [context] = browser.contexts();
    page = context.pages()[0] ?? (await context.waitForEvent('page'));
    await page.waitForFunction(() => 'timbrel' in window);
  });

  afterAll(async () => {
    await browser?.close();
    app?.kill('SIGKILL');
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('loads the voice pack from its resources', async () => {
    const manifest = await readFile(join(parts.resources, 'models/default/pack.json'), 'utf8');
    const { id } = JSON.parse(manifest);
    await expect
      .poll(async () => await engineState(page), { timeout: 60_000, interval: 250 })
      .toMatchObject({ status: 'ready', pack: { id } });
  });

  it('speaks a sentence and keeps it as a take', async () => {
    const id = await page.evaluate(async () => {
      const state = await window.timbrel.getState(undefined);
      if (!state.ok || state.value.engine.status !== 'ready') throw new Error('not ready');
      const { pack } = state.value.engine;
      const reply = await window.timbrel.generate({
        text: 'The drum is packed.',
        pair: null,
        settings: {
          ...pack.defaults,
          voice: pack.voices[0].name,
          method: 'pcg',
          topK: 0,
          repetitionPenalty: 1,
          seed: 7,
        },
      });
      if (!reply.ok) throw new Error(reply.failure.message);
      return reply.value.take;
    });
    await expect
      .poll(async () => (await readTake(page, id)).take.status, { timeout: 60_000, interval: 250 })
      .not.toBe('generating');
    const { take, sampleCount, loudest } = await readTake(page, id);
    expect(take).toMatchObject({ status: 'finished', problem: null });
    expect(take.counters.committed).toBeGreaterThan(20);
    expect(sampleCount).toBe((take.frames * take.pack.sampleRate) / take.pack.frameRate);
    expect(loudest).toBeGreaterThan(0.05);
  });

  it('ends when it is asked to', async () => {
    const ended = once(app, 'exit');
    app.kill();
    expect(await ended).toEqual([0, null]);
  });
});

const engineState = (page: Page) =>
  page.evaluate(async () => {
    const reply = await window.timbrel.getState(undefined);
    if (!reply.ok) throw new Error(reply.failure.message);
    return reply.value.engine;
  });

const readTake = (page: Page, id: string) =>
  page.evaluate(async (take) => {
    const reply = await window.timbrel.readTake({ take });
    if (!reply.ok) throw new Error(reply.failure.message);
    const { samples } = reply.value.sound;
    return {
      take: reply.value.take,
      sampleCount: samples.length,
      loudest: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
    };
  }, id);
