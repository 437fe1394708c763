import { appendFile, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { loadPack } from './pack';
import { writeSmallPack } from './testing/small-pack';
import { VerifiedFiles } from './verified-files';

async function remembering() {
  const cache = await mkdtemp(join(tmpdir(), 'timbrel-verified-'));
  onTestFinished(() => rm(cache, { recursive: true }));
  const folder = await writeSmallPack();
  const memory = join(cache, 'deep/verified.json');
  const load = () => {
    const verified = new VerifiedFiles(memory);
    const remember = vi.spyOn(verified, 'remember');
    return loadPack(folder, { verified }).then((pack) => ({
      target: pack.engine.target.file,
      hashed: remember.mock.calls.length,
    }));
  };
  const { target, hashed } = await load();
  expect(hashed).toBeGreaterThan(3);
  return { load, target, memory };
}

it('reads no file again that it has verified', async () => {
  const { load } = await remembering();
  expect((await load()).hashed).toBe(0);
});

it('finds a file that was altered in place, though its size and time are as before', async () => {
  const { load, target } = await remembering();
  const bytes = await readFile(target);
  bytes[3] ^= 1;
  await writeFile(target, bytes);
  const then = new Date(2020, 1);
  await utimes(target, then, then);
  await expect(load()).rejects.toThrow(/was altered/);
});

it('hashes one anew that was put in the place of another, and trusts it when it is the same', async () => {
  const { load, target } = await remembering();
  await writeFile(`${target}.new`, await readFile(target));
  await rename(`${target}.new`, target);
  expect((await load()).hashed).toBe(1);
  expect((await load()).hashed).toBe(0);
});

it('hashes all when what it remembers is damaged', async () => {
  const { load, memory } = await remembering();
  await appendFile(memory, '}');
  expect((await load()).hashed).toBeGreaterThan(3);
});
