import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readUpdateFeed } from './feed';

it.each([
  ['provider: generic\nurl: https://updates.example/timbrel\n', 'updates.example'],
  ["provider: generic\nurl: 'https://updates.example:8443/'\n", 'updates.example'],
  ['provider: generic\nurl: http://127.0.0.1:4000\n', '127.0.0.1'],
  ['provider: generic\nurl: http://updates.example/\n', null],
  ['provider: generic\nurl: updates\n', null],
  ['provider: generic\n', null],
])('reads %j', async (text, host) => {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-feed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'app-update.yml');
  await writeFile(file, text);
  expect(readUpdateFeed(file)).toEqual(host === null ? null : { file, host });
});

it('is none where the package names none', () => {
  expect(readUpdateFeed(join(tmpdir(), 'no-such-folder/app-update.yml'))).toBeNull();
});
