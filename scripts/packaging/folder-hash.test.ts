import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { folderHash } from './folder-hash.mjs';

async function folderWith(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-hash-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'resources'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

it('is the same for the same files, whenever and in whatever order they were written', async () => {
  const first = await folderWith({ timbrel: 'program', 'resources/app': 'archive' });
  const second = await folderWith({ 'resources/app': 'archive', timbrel: 'program' });
  await utimes(join(second, 'timbrel'), 0, 0);
  expect(await folderHash(second)).toBe(await folderHash(first));
});

it.skipIf(process.platform === 'win32')(
  'differs where a name, a content or the right to run differs',
  async () => {
    const hashes = await Promise.all(
      [{ a: 'x' }, { b: 'x' }, { a: 'y' }, { a: 'x', b: '' }].map(async (files) =>
        folderHash(await folderWith(files as Record<string, string>)),
      ),
    );
    const program = await folderWith({ a: 'x' });
    await chmod(join(program, 'a'), 0o755);
    expect(new Set([...hashes, await folderHash(program)]).size).toBe(5);
  },
);
