import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Licences } from '../contract/licences';
import { readManifest } from '../main/packs/pack';
import { COMMANDS } from '../scripts/commands.mjs';
import { BUILT_IN, packagedAsFiles } from '../scripts/licences.mjs';
import {
  debuggingAddress,
  engineState,
  type PackageParts,
  packageApp,
  packagedSwitches,
} from './packaged-app';

const ROOT = resolve(import.meta.dirname, '..');

let parts: PackageParts;

const archive = () => join(parts.resources, 'app.asar');

/** Every file of the archive, from its root. */
const archived = () =>
  listPackage(archive(), { isPack: false })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.[^/]+$/.test(path));

/** Names of the packages whose files are among these. */
const packagesIn = (files: string[]) => [
  ...new Set(
    files.flatMap((file) => /^\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  ),
];

beforeAll(async () => {
  parts = await packageApp();
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

  it('holds nothing that cannot run there, and no sources, types, maps or texts of packages', async () => {
    const files = archived();
    const unneeded = files.filter(
      (file) =>
        /\.(ts|mts|cts|tsx|map|md|markdown|txt|c|cc|h|rs)$/.test(file) ||
        /\/(test|tests|__tests__|example|examples|docs)\//.test(file) ||
        Object.keys(COMMANDS).some((name) => file === `/out/main/${name}.js`),
    );
    expect(unneeded).toEqual([]);
    expect(files).toContain('/out/main/index.js');
    expect(packagesIn(files).sort()).toEqual(await packagedAsFiles(ROOT));
  });

  it('has the full licence of itself, of all that was built in and of all that lies in it', async () => {
    const licences = Licences.parse(
      JSON.parse(extractFile(archive(), 'out/renderer/licences.json').toString()),
    );
    const named = licences.flatMap(({ packages }) =>
      packages.map(({ name, version }) => `${name} ${version}`),
    );
    const builtIn = await Promise.all(
      ['main', 'preload', 'renderer'].map(
        async (part): Promise<{ name: string; version: string }[]> =>
          JSON.parse(await readFile(join(ROOT, 'out', part, BUILT_IN), 'utf8')),
      ),
    );
    const lie = packagesIn(archived()).map((name): { name: string; version: string } =>
      JSON.parse(extractFile(archive(), `node_modules/${name}/package.json`).toString()),
    );
    const all = [...builtIn.flat(), ...lie].map(({ name, version }) => `${name} ${version}`);
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((name) => !named.includes(name))).toEqual([]);
    expect(licences.filter(({ text }) => text.length < 500)).toEqual([]);
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const own = await readFile(join(ROOT, 'LICENSE'), 'utf8');
    expect(licences[0]).toEqual({
      packages: [{ name: 'Timbrel', version }],
      licence: 'MIT',
      text: own.trim(),
    });
    expect(await readFile(join(parts.resources, 'LICENSE.txt'), 'utf8')).toBe(own);
    const chromium = process.platform === 'darwin' ? parts.resources : dirname(parts.executable);
    expect((await stat(join(chromium, 'LICENSES.chromium.html'))).size).toBeGreaterThan(1_000_000);
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
    app = spawn(parts.executable, packagedSwitches(home), { stdio: ['ignore', 'ignore', 'pipe'] });
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
