import { execFileSync } from 'node:child_process';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRIVATE, replaceFile } from '../audio/durable-file';
import { makeFolder } from './make-folder';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-disk-'));
  path = join(folder, 'out.wav');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a file is replaced', () => {
  it('where nothing or a file is, and leaves nothing else', async () => {
    for (const text of ['one', 'two']) {
      await replaceFile(path, text);
      expect(await readFile(path, 'utf8')).toBe(text);
    }
    expect(await readdir(folder)).toEqual(['out.wav']);
  });

  it('also over what a killed writer left beside it', async () => {
    await writeFile(`${path}.tmp`, 'half');
    await replaceFile(path, 'whole');
    expect(await readdir(folder)).toEqual(['out.wav']);
  });

  it.each(['', '.tmp'])(
    'never where “out.wav%s” is a link, a pipe, a socket or a folder',
    async (end) => {
      const target = join(folder, 'target');
      await writeFile(target, 'untouched');
      const place = `${path}${end}`;
      const refused = (what: string) =>
        expect(replaceFile(path, 'new')).rejects.toThrow(`is ${what}, which is never replaced`);

      for (const to of [target, join(folder, 'nowhere'), folder]) {
        await symlink(to, place);
        await refused('a link');
        expect(await readlink(place)).toBe(to);
        await rm(place);
      }
      execFileSync('mkfifo', [place]);
      await refused('a pipe');
      expect((await lstat(place)).isFIFO()).toBe(true);
      await rm(place);
      const server = createServer().listen(place);
      await new Promise((resolve) => server.once('listening', resolve));
      await refused('a socket');
      expect((await lstat(place)).isSocket()).toBe(true);
      await new Promise((resolve) => server.close(resolve));
      await mkdir(place);
      await refused('a folder');
      await rm(place, { recursive: true });

      expect(await readdir(folder)).toEqual(['target']);
      expect(await readFile(target, 'utf8')).toBe('untouched');
    },
  );
});

it('what is private is nobody else’s to read', async () => {
  const inner = join(folder, 'a', 'b');
  await makeFolder(inner);
  await makeFolder(inner);
  await replaceFile(join(inner, 'take.json'), '{}', PRIVATE);
  expect((await lstat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
  expect((await lstat(inner)).mode & 0o777).toBe(0o700);
  expect((await lstat(join(inner, 'take.json'))).mode & 0o777).toBe(0o600);
});
