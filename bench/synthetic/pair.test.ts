import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { divergence } from '../../main/inference/agreement';
import { GraphModel } from '../../main/inference/graph-model';
import { closeDecoders, openDecoders } from '../../main/inference/models';
import { gpusOn, PROVIDERS } from '../../main/inference/providers';
import { bytesFor } from '../../main/inference/session';
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

/** Every way in which a trial may find that a GPU is used best, where CUDA and WebGPU may be. */
const USES = gpusOn('linux').flatMap((device) =>
  PROVIDERS[device].precisions.flatMap((precision) =>
    [false, true].map((smallBlocks) => ({ device, precision, smallBlocks })),
  ),
);

it.each(USES)(
  'computes the same as $device has it in $precision precision, small blocks: $smallBlocks',
  async ({ device, precision, smallBlocks }) => {
    const pair = await syntheticPair(SIZE, folder);
    const gpu = { half: precision === 'half', smallBlocks, captured: false, draftsOnCpu: false };
    const onCpu = { device: 'cpu', threads: 1 } as const;
    for (const graph of [pair.target, pair.draft]) {
      const file = join(folder, `changed-${device}-${precision}-${smallBlocks}.onnx`);
      const bytes = await bytesFor(graph, { device, gpu });
      await writeFile(file, bytes ?? (await readFile(graph.file)));
      const asItIs = await GraphModel.open(graph, pair.vocabularySize, onCpu);
      const changed = await GraphModel.open({ ...graph, file }, pair.vocabularySize, onCpu);
      expect(await divergence(asItIs, changed, (position) => (position * 31) % 512)).toBeLessThan(
        0.01,
      );
      await asItIs.release();
      await changed.release();
    }
  },
);
