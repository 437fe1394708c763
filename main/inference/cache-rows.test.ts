import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withCacheRows } from './cache-rows';
import { CACHE_ROWS } from './caches';
import { GraphModel } from './graph-model';
import type { DecoderGraph } from './messages';
import { source, withGraph } from './testing/changed-decoder';
import { syntheticDecoder, VOCABULARY } from './testing/synthetic-pack';

async function open(graph: DecoderGraph): Promise<GraphModel> {
  const model = await GraphModel.open(graph, VOCABULARY, { device: 'cpu', threads: 1 });
  onTestFinished(() => model.release());
  return model;
}

/** The synthetic decoder with weights in a file beside it: it stays as it is. */
async function withWeightsBeside(): Promise<DecoderGraph> {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-rows-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  let weights = new Uint8Array();
  const graph = withGraph(({ initializer }) => {
    const largest = initializer.reduce((a, b) => (a.rawData.length < b.rawData.length ? b : a));
    weights = new Uint8Array(largest.rawData);
    largest.rawData = new Uint8Array();
    largest.dataLocation = TensorProto_DataLocation.EXTERNAL;
    const entry = create(StringStringEntryProtoSchema, { key: 'location', value: 'weights.bin' });
    largest.externalData = [entry];
  });
  await writeFile(join(folder, 'weights.bin'), weights);
  const file = join(folder, 'decoder.onnx');
  await writeFile(file, graph);
  return { ...syntheticDecoder, file };
}

describe('a decoder that gives the rows it made', () => {
  it('has them as one output in place of the caches', () => {
    const graph = fromBinary(ModelProtoSchema, withCacheRows(source, syntheticDecoder)).graph;
    expect(graph?.output.map(({ name }) => name)).toEqual(['logits', CACHE_ROWS]);
  });

  it('computes bit for bit what it did with whole caches: blocks, steps, rollbacks, growth', async () => {
    const long = { maxLength: 300 };
    const rows = await open({ ...syntheticDecoder, ...long });
    const whole = await open({ ...(await withWeightsBeside()), ...long });
    expect([rows.givesRows, whole.givesRows]).toEqual([true, false]);
    const token = (i: number) => (i * 37 + 11) % VOCABULARY;
    let fed = 0;
    for (const count of [40, 1, 1, 5, 3, 16, 1, 100, 4, 1, 99, 2]) {
      const tokens = Array.from({ length: count }, (_, i) => token(fed + i));
      fed += count;
      expect(await rows.forward(tokens)).toEqual(await whole.forward(tokens));
      const length = rows.length - (count % 3);
      for (const model of [rows, whole]) model.rollback(length);
    }
    expect(rows.length).toBeGreaterThan(256);
  });
});

describe('a decoder that cannot be changed so', () => {
  it.each<[RegExp, Uint8Array]>([
    [/no input or output "present_key\.0"/, withGraph((graph) => graph.output.splice(1))],
    [
      /weights in a file beside it/,
      withGraph(({ initializer }) => {
        initializer[0].dataLocation = TensorProto_DataLocation.EXTERNAL;
      }),
    ],
    [/holds no graph/, new Uint8Array()],
  ])('is refused: %s', (reason, bytes) => {
    expect(() => withCacheRows(bytes, syntheticDecoder)).toThrow(reason);
  });
});
