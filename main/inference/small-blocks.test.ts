import { create, fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, NodeProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { inSmallBlocks } from './small-blocks';
import { K, type Matrix, multiply, product, ROWS } from './testing/quantised-product';

describe('matrices in small blocks', () => {
  it.each<Matrix>([
    { bits: 4, block: 32, scaled: 'single' },
    { bits: 4, block: 128, scaled: 'cast from half' },
    { bits: 8, block: 32, scaled: 'cast from half' },
  ])('are the same numbers: %o', async (matrix) => {
    const source = product(matrix);
    const small = inSmallBlocks(source);
    const { graph } = fromBinary(ModelProtoSchema, small);
    const node = graph?.node.at(-1);
    expect(node?.attribute.find(({ name }) => name === 'block_size')?.i).toBe(16n);
    const [levels, scales] = graph?.initializer ?? [];
    expect(levels.dims).toEqual([BigInt(ROWS), BigInt(K / 16), BigInt(2 * matrix.bits)]);
    expect(scales.dims).toEqual([BigInt((ROWS * K) / 16)]);
    const expected = await multiply(source);
    (await multiply(small)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 4);
    });
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1);
  });

  it.each<[string, Uint8Array]>([
    ['are small already', product({ bits: 4, block: 16, scaled: 'single' })],
    [
      'have zero points',
      product({ bits: 4, block: 32, scaled: 'single' }, ({ node }) => {
        node[node.length - 1].input.push('zeros');
      }),
    ],
    [
      'are used elsewhere too',
      product({ bits: 4, block: 32, scaled: 'single' }, ({ node }) => {
        node.push(
          create(NodeProtoSchema, { opType: 'Identity', input: ['levels'], output: ['z'] }),
        );
      }),
    ],
  ])('are not made of ones that %s', (_, source) => {
    expect(() => inSmallBlocks(source)).toThrow('It has no matrices in blocks of more than 16.');
  });
});
