import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { closeDecoders, openDecoders } from '../../main/inference/models';
import { pairOf, syntheticPair } from './pair';

const folder = await mkdtemp(join(tmpdir(), 'timbrel-pair-'));
afterAll(() => rm(folder, { recursive: true }));

const SIZE = pairOf({
  layers: 3,
  width: 128,
  heads: 2,
  kvHeads: 1,
  feedForward: 256,
  vocabulary: 512,
});

it('computes finite logits that differ by position, and the same after a rollback', async () => {
  const pair = await syntheticPair(SIZE, folder);
  const decoders = await openDecoders(pair, 'cpu', 1);
  for (const model of [decoders.target, decoders.draft]) {
    const all = (await model.forward([5, 9, 300, 11])).slice();
    expect(all).toHaveLength(4 * 512);
    expect(all.every(Number.isFinite)).toBe(true);
    const spread = Math.max(...all) - Math.min(...all);
    expect(spread).toBeGreaterThan(2);
    expect(all.slice(0, 512)).not.toEqual(all.slice(512, 1024));
    model.rollback(2);
    const again = await model.forward([300, 11]);
    const apart = all.slice(1024).map((value, i) => Math.abs(value - again[i]));
    expect(Math.max(...apart)).toBeLessThan(0.05);
  }
  await closeDecoders(decoders);
});

it('is made once', async () => {
  const { target } = await syntheticPair(SIZE, folder);
  const { mtimeMs } = await stat(target.file);
  await syntheticPair(SIZE, folder);
  expect((await stat(target.file)).mtimeMs).toBe(mtimeMs);
});
