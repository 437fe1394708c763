import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CUDA_FOLDER } from '../../inference/messages';
import { trialKey } from '../drivers';
import { folderFor, offerCuda } from './folder';
import { wheelsHere } from './wheels';

const wheels = wheelsHere();
let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'timbrel-cuda-'));
  for (const name of ['XDG_CACHE_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(name, cache);
  vi.stubEnv(CUDA_FOLDER, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

it('is offered to processes when it is there, and has devices tried again', async (ctx) => {
  if (!wheels) return ctx.skip('there is no CUDA for this platform');
  offerCuda();
  expect(process.env[CUDA_FOLDER]).toBeUndefined();
  const before = trialKey('pack', '1');
  const folder = folderFor(wheels);
  await mkdir(`${folder}.partial`, { recursive: true });
  offerCuda();
  expect(process.env[CUDA_FOLDER]).toBeUndefined();
  await mkdir(folder);
  offerCuda();
  expect(process.env[CUDA_FOLDER]).toBe(folder);
  expect(trialKey('pack', '1')).not.toBe(before);
});

it('is not offered where a file is in the place of the cache', async () => {
  await writeFile(join(cache, 'file'), '');
  for (const name of ['XDG_CACHE_HOME', 'LOCALAPPDATA', 'HOME']) {
    vi.stubEnv(name, join(cache, 'file'));
  }
  offerCuda();
  expect(process.env[CUDA_FOLDER]).toBeUndefined();
});

it('is the one that the user names', async (ctx) => {
  if (!wheels) return ctx.skip('there is no CUDA for this platform');
  await mkdir(folderFor(wheels), { recursive: true });
  vi.stubEnv(CUDA_FOLDER, '/elsewhere');
  offerCuda();
  expect(process.env[CUDA_FOLDER]).toBe('/elsewhere');
});
