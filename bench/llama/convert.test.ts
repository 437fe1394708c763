import { fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { decoderGraph, GRAPH_NAMES } from '../synthetic/decoder-graph';
import { ggufOf } from './convert';
import { encodeGguf } from './gguf';

const SIZE = { layers: 2, width: 64, heads: 1, kvHeads: 1, feedForward: 96, vocabulary: 512 };

/** Names, shapes and places of tensors, as the format's description has them. */
function readTensors(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset);
  let at = 0;
  /** Where the next so many bytes begin. */
  const next = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  const u32 = () => view.getUint32(next(4), true);
  const u64 = () => Number(view.getBigUint64(next(8), true));
  const text = () => {
    const length = u64();
    const from = next(length);
    return new TextDecoder().decode(file.subarray(from, at));
  };
  expect([file[0], file[1], file[2], file[3]]).toEqual([...new TextEncoder().encode('GGUF')]);
  at = 4;
  expect(u32()).toBe(3);
  const count = u64();
  const values: Record<string, unknown> = {};
  const read: Record<number, () => unknown> = {
    4: u32,
    5: () => view.getInt32(next(4), true),
    6: () => view.getFloat32(next(4), true),
    8: text,
    9: () => {
      const type = u32();
      return Array.from({ length: u64() }, () => read[type]());
    },
  };
  for (let left = u64(); left > 0; left--) {
    const key = text();
    values[key] = read[u32()]();
  }
  const tensors = Array.from({ length: count }, () => ({
    name: text(),
    shape: Array.from({ length: u32() }, u64),
    type: u32(),
    offset: u64(),
  }));
  return { values, tensors, dataAt: Math.ceil(at / 32) * 32 };
}

describe('a GGUF file', () => {
  it('holds every matrix of a decoder, and what tells its shape', () => {
    const bytes = decoderGraph(SIZE, 256, 1);
    const graph = fromBinary(ModelProtoSchema, bytes).graph as GraphProto;
    const decoder = { file: '', layers: 2, kvHeads: 1, headDim: 64, maxLength: 256 };
    const { values, tensors } = readTensors(ggufOf(graph, { ...decoder, names: GRAPH_NAMES }));
    expect(values).toMatchObject({
      'general.architecture': 'phi3',
      'phi3.block_count': 2,
      'phi3.embedding_length': 64,
      'phi3.feed_forward_length': 96,
      'phi3.attention.head_count': 1,
    });
    expect(values['phi3.rope.freq_base']).toBeCloseTo(10_000, -1);
    expect(values['tokenizer.ggml.tokens']).toHaveLength(512);
    const shapes = Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]));
    expect(shapes).toMatchObject({
      'token_embd.weight': [64, 512],
      'blk.1.attn_norm.weight': [64],
      'blk.1.attn_qkv.weight': [64, 192],
      'blk.1.attn_output.weight': [64, 64],
      'blk.0.ffn_up.weight': [64, 192],
      'blk.0.ffn_down.weight': [96, 64],
      'output_norm.weight': [64],
      'output.weight': [64, 512],
    });
    expect(tensors).toHaveLength(3 + 2 * 6);
  });

  it('begins each tensor at a multiple of 32 bytes', () => {
    const data = Uint8Array.of(1, 2, 3, 4);
    const tensor = { type: 'F32', shape: [1], data } as const;
    const file = encodeGguf({ 'general.name': 'x' }, [
      { name: 'a', ...tensor },
      { name: 'b', ...tensor },
    ]);
    const { tensors, dataAt } = readTensors(file);
    expect(tensors.map(({ offset }) => offset)).toEqual([0, 32]);
    expect(Array.from(file.subarray(dataAt + 32, dataAt + 36))).toEqual([1, 2, 3, 4]);
  });
});
