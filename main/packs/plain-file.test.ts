import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lookAtPlainFile, readPlainFile } from './plain-file';

const ADVICE = 'bring it back.';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-plain-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('reads a plain file', async () => {
  const path = join(folder, 'plain');
  await writeFile(path, 'content');
  const seen = await lookAtPlainFile(path, ADVICE);
  expect((await readPlainFile(path, seen, ADVICE)).toString()).toBe('content');
});

it('refuses what is no plain file, and waits for none', async (ctx) => {
  if (process.platform === 'win32') ctx.skip('Windows has no FIFO, and links want rights there');
  const target = join(folder, 'target');
  await writeFile(target, 'secret');
  const at = (name: string) => join(folder, name);
  execFileSync('mkfifo', [at('fifo')]);
  await mkdir(at('folder'));
  await symlink(target, at('link'));
  await symlink(at('fifo'), at('link to a fifo'));
  await link(target, at('hard link'));
  for (const name of ['fifo', 'folder', 'link', 'link to a fifo', 'hard link']) {
    await expect(lookAtPlainFile(at(name), ADVICE)).rejects.toThrow(
      `${at(name)} is a link or not a plain file: ${ADVICE}`,
    );
  }
});

it('refuses a path that leads through a link', async (ctx) => {
  if (process.platform === 'win32') ctx.skip('links want rights on Windows');
  await mkdir(join(folder, 'elsewhere'));
  await writeFile(join(folder, 'elsewhere/file'), 'secret');
  await symlink(join(folder, 'elsewhere'), join(folder, 'sub'));
  await expect(lookAtPlainFile(join(folder, 'sub/file'), ADVICE)).rejects.toThrow('is a link');
});

it('refuses a file that was changed or replaced after it was looked at', async (ctx) => {
  const path = join(folder, 'plain');
  await writeFile(path, 'content');
  const seen = await lookAtPlainFile(path, ADVICE);
  await truncate(path, 3);
  await expect(readPlainFile(path, seen, ADVICE)).rejects.toThrow('changed while it was read');
  await rm(path);
  await expect(readPlainFile(path, seen, ADVICE)).rejects.toThrow('cannot be read (ENOENT)');
  if (process.platform === 'win32') ctx.skip('Windows has no FIFO');
  execFileSync('mkfifo', [path]);
  await expect(readPlainFile(path, seen, ADVICE)).rejects.toThrow('changed while it was read');
});
