import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, launch } from '../app/launch';
import { record } from './figures';

// The feed's file for Linux names an AppImage, which is replaced by a file of the same name.
const runs = process.platform === 'linux' && process.arch === 'x64';

const PROGRAM = Buffer.from(`#!/bin/sh\nexit 0\n${'# padding\n'.repeat(20_000)}`);
const OLD = 'the version that is installed';
const sha512 = (bytes: Buffer) => createHash('sha512').update(bytes).digest('base64');

type Answer = (response: ServerResponse) => void;
const text =
  (body: string): Answer =>
  (response) =>
    void response.end(body);
const bytes =
  (body: Buffer): Answer =>
  (response) =>
    void response.end(body);

const feed = (version: string, file = `sha512: ${sha512(PROGRAM)}`) =>
  text(
    `version: ${version}\nfiles:\n  - url: Timbrel.AppImage\n    ${file}\n    size: ${PROGRAM.length}\npath: Timbrel.AppImage\nreleaseDate: '2026-01-01T00:00:00.000Z'\n`,
  );

let folder: string;
let server: Server;
let app: App;
let installed: string;
const asked: IncomingMessage[] = [];
const answers = new Map<string, Answer>();
const environment = { APPIMAGE: process.env.APPIMAGE, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };

const paths = () => asked.map(({ url }) => new URL(url ?? '', 'http://feed').pathname);

/** What lies in the cache of downloads, by name. */
const fetched = async () =>
  (await readdir(join(folder, 'cache/timbrel-updater/pending')).catch(() => [])).filter(
    (name) => !/^(update-info\.json|temp-)/.test(name),
  );

/** The sentence that a call fails with, or null. */
const failure = (name: 'checkForUpdate' | 'downloadUpdate' | 'installUpdate') =>
  app.call(name, undefined).then(
    () => null,
    (error: Error) => error.message.replace(/^page\.evaluate: Error: /, ''),
  );

beforeAll(async () => {
  if (!runs) return;
  folder = await mkdtemp(join(tmpdir(), 'timbrel-updates-'));
  installed = join(folder, 'Timbrel.AppImage');
  await writeFile(installed, OLD);
  await chmod(installed, 0o755);
  server = createServer((request, response) => {
    asked.push(request);
    const answer = answers.get(new URL(request.url ?? '', 'http://feed').pathname);
    if (answer) answer(response);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const config = join(folder, 'app-update.yml');
  const { port } = server.address() as AddressInfo;
  await writeFile(
    config,
    `provider: generic\nurl: http://127.0.0.1:${port}\nupdaterCacheDirName: timbrel-updater\n`,
  );
  process.env.APPIMAGE = installed;
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
  app = await launch({ switches: [`--update-feed=${config}`] });
});

afterAll(async () => {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  if (!runs) return;
  await app?.close().catch(() => undefined);
  server?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

it('asks for nothing until it is asked to, and installs nothing that the feed did not promise', async (ctx) => {
  if (!runs) ctx.skip('an AppImage is replaced on Linux x64 alone');
  await app.ready();
  const early = paths();

  const cases: {
    name: string;
    feed: Answer | null;
    file?: Answer;
    during: 'check' | 'download';
  }[] = [
    { name: 'no feed', feed: null, during: 'check' },
    { name: 'a feed that is no YAML', feed: text('{version: [}'), during: 'check' },
    { name: 'a version that is none', feed: feed('latest'), during: 'check' },
    { name: 'no checksum', feed: feed('9.0.0', 'blockMapSize: 1'), during: 'download' },
    {
      name: 'a wrong checksum',
      feed: feed('9.0.0', `sha512: ${sha512(Buffer.from('else'))}`),
      file: bytes(PROGRAM),
      during: 'download',
    },
    {
      name: 'a flipped byte',
      feed: feed('9.0.0'),
      file: bytes(Buffer.from(PROGRAM.map((byte, at) => (at === 99 ? byte ^ 1 : byte)))),
      during: 'download',
    },
    {
      name: 'a download cut short',
      feed: feed('9.0.0'),
      file: (response) => {
        response.writeHead(200, { 'content-length': PROGRAM.length });
        response.write(PROGRAM.subarray(0, 50_000), () => response.destroy());
      },
      during: 'download',
    },
    { name: 'no file', feed: feed('9.0.0'), during: 'download' },
  ];
  const ends: { name: string; sentence: string | null; left: string[] }[] = [];
  for (const { name, feed: list, file, during } of cases) {
    answers.clear();
    if (list) answers.set('/latest-linux.yml', list);
    if (file) answers.set('/Timbrel.AppImage', file);
    let sentence = await failure('checkForUpdate');
    if (during === 'download' && sentence === null) sentence = await failure('downloadUpdate');
    ends.push({ name, sentence, left: await fetched() });
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  server.closeAllConnections();
  ends.push({
    name: 'no server',
    sentence: await failure('checkForUpdate'),
    left: await fetched(),
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  answers.clear();
  answers.set('/latest-linux.yml', feed('0.0.1'));
  const lower = await app.call('checkForUpdate', undefined);
  const uninstalled = await failure('installUpdate');

  const isSentence = (text: string | null) =>
    text !== null &&
    /^[A-Z][^\n\r]{1,298}\.$/.test(text) &&
    !/127\.0\.0\.1|https?:|Error/.test(text);
  const survived = ends.filter(({ sentence, left }) => isSentence(sentence) && left.length === 0);
  record(ctx, {
    threat: 'update feed: wrong, cut short, older, unreadable or away',
    tried: ends.length + 1,
    survived: survived.length + (lower === null ? 1 : 0),
    figure: `asked before the user does: ${early.length}`,
  });
  expect(early).toEqual([]);
  expect(ends.filter((end) => !survived.includes(end))).toEqual([]);
  expect(lower).toBeNull();
  expect(uninstalled).toBe('No update was downloaded yet: check for updates first.');
  expect(await readFile(installed, 'utf8')).toBe(OLD);
});

it('ends a download that the user calls off', async (ctx) => {
  if (!runs) ctx.skip('an AppImage is replaced on Linux x64 alone');
  answers.set('/latest-linux.yml', feed('9.0.0'));
  const arrived = new Promise<void>((begun) => {
    answers.set('/Timbrel.AppImage', (response) => {
      response.writeHead(200, { 'content-length': PROGRAM.length });
      // The rest never comes.
      response.write(PROGRAM.subarray(0, 50_000), () => begun());
    });
  });
  expect(await app.call('checkForUpdate', undefined)).toEqual({ version: '9.0.0' });
  const sentence = failure('downloadUpdate');
  await arrived;
  await app.call('cancelUpdate', undefined);
  expect(await sentence).toBe('The download was cancelled.');
  expect(await fetched()).toEqual([]);
});

it('puts a verified version in the old one’s place when told to, and tells nobody who asks', async (ctx) => {
  if (!runs) ctx.skip('an AppImage is replaced on Linux x64 alone');
  asked.length = 0;
  answers.set('/latest-linux.yml', feed('9.0.0'));
  answers.set('/Timbrel.AppImage', bytes(PROGRAM));
  expect(await app.call('checkForUpdate', undefined)).toEqual({ version: '9.0.0' });
  expect(paths()).toEqual(['/latest-linux.yml']);
  await app.call('downloadUpdate', undefined);
  expect(paths()).toEqual(['/latest-linux.yml', '/Timbrel.AppImage']);
  expect(await fetched()).toEqual(['Timbrel.AppImage']);
  expect(await readFile(installed, 'utf8')).toBe(OLD);
  const ids = asked.flatMap(({ headers }) => headers['x-user-staging-id'] ?? []);
  expect(ids.every((id) => id === 'none')).toBe(true);
  expect(asked.flatMap(({ headers }) => headers.cookie ?? [])).toEqual([]);

  const ended = app.electron.waitForEvent('close');
  // The app may go before it answers.
  await app.call('installUpdate', undefined).catch(() => undefined);
  await ended;
  expect(await readFile(installed)).toEqual(PROGRAM);
});
