import { access, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { GraphModel } from './graph-model';
import { makeMappedCopies } from './mapped-copy';
import { syntheticDecoder, syntheticPack, VOCABULARY } from './testing/synthetic-pack';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-copies-'));
  return () => rm(folder, { recursive: true });
});

const PASSES = [[5, 17, 40, 9], [90], [3], [8, 1]];

/** Logits of blocks and single steps, [positions × vocabulary] each. */
async function logitsOf(mapped?: string): Promise<Float32Array[]> {
  const graph = { ...syntheticDecoder, mapped };
  const model = await GraphModel.open(graph, VOCABULARY, { device: 'cpu', threads: 1 });
  const logits: Float32Array[] = [];
  for (const tokens of PASSES) logits.push((await model.forward(tokens)).slice());
  await model.release();
  return logits;
}

it('computes bit for bit what the graph does, from weights beside it', async () => {
  await makeMappedCopies(await syntheticPack(), folder);
  const copy = join(folder, 'synthetic-decoder.onnx');
  expect(await logitsOf(copy)).toEqual(await logitsOf());
  await access(copy);
  expect((await readdir(folder)).sort()).toEqual([
    'synthetic-codec.onnx',
    'synthetic-codec.onnx.weights',
    'synthetic-decoder.onnx',
    'synthetic-decoder.onnx.weights',
  ]);
});

it.each(['.weights', ''])(
  'gives way to the graph itself, and is gone, where its file “%s” is cut off',
  async (part) => {
    await makeMappedCopies(await syntheticPack(), folder);
    const copy = join(folder, 'synthetic-decoder.onnx');
    await truncate(`${copy}${part}`, 1000);
    expect(await logitsOf(copy)).toEqual(await logitsOf());
    await expect(access(copy)).rejects.toThrow('ENOENT');
  },
);
