import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { readGraph, weightBytes } from './weights';

describe('bytes of weights', () => {
  it('are what the matrix products take, scales behind a cast included', () => {
    const bytes = (name: string, length: number) => ({ name, rawData: new Uint8Array(length) });
    const graph = create(GraphProtoSchema, {
      initializer: [
        bytes('levels', 100),
        bytes('scales.half', 20),
        bytes('norm', 7),
        bytes('rows', 50),
      ],
      node: [
        { opType: 'Gather', input: ['rows', 'ids'], output: ['x'] },
        { opType: 'Cast', input: ['scales.half'], output: ['scales'] },
        { opType: 'SimplifiedLayerNormalization', input: ['x', 'norm'], output: ['y'] },
        { opType: 'MatMulNBits', input: ['y', 'levels', 'scales'], output: ['z'] },
      ],
    });
    expect(weightBytes(graph)).toBe(120);
  });

  it('are found in a decoder', async () => {
    const file = fileURLToPath(new URL('../../tests/data/synthetic-decoder.onnx', import.meta.url));
    expect(weightBytes(await readGraph(file))).toBeGreaterThan(0);
  });
});
