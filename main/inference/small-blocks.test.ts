import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { valueInfo } from './graph-writer';
import { halfBits } from './half';
import { inSmallBlocks } from './small-blocks';

const K = 128;
const ROWS = 5;

type Matrix = { bits: 4 | 8; block: number; scaled: 'single' | 'cast from half' };

const noise = (i: number) => Math.sin(i * 12.9898) * 43758.5453;
const byte = (i: number) => Math.floor((noise(i) - Math.floor(noise(i))) * 256);

/** A product of x [1, K] with one quantised matrix [ROWS, K]; `change` meddles with the graph. */
function product({ bits, block, scaled }: Matrix, change: (graph: GraphProto) => void = () => {}) {
  const blocks = K / block;
  const scales = Float32Array.from({ length: ROWS * blocks }, (_, i) => 0.25 + (i % 7) / 8);
  const isHalf = scaled !== 'single';
  const stored = isHalf
    ? new Uint16Array(scales.length).map((_, i) => halfBits(scales[i]))
    : scales;
  const int = (name: string, i: number) =>
    create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(i) });
  const tensor = (
    name: string,
    type: 'FLOAT' | 'FLOAT16' | 'UINT8',
    dims: number[],
    data: Uint8Array<ArrayBuffer>,
  ) =>
    create(TensorProtoSchema, {
      name,
      dataType: TensorProto_DataType[type],
      dims: dims.map(BigInt),
      rawData: data,
    });
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [
      { domain: '', version: 21n },
      { domain: 'com.microsoft', version: 1n },
    ],
    graph: {
      name: 'product',
      input: [valueInfo('x', 'FLOAT', [1, K])],
      output: [valueInfo('y', 'FLOAT', [1, ROWS])],
      initializer: [
        tensor(
          'levels',
          'UINT8',
          [ROWS, blocks, (block * bits) / 8],
          Uint8Array.from({ length: (ROWS * K * bits) / 8 }, (_, i) => byte(i)),
        ),
        tensor(
          isHalf ? 'stored' : 'scales',
          isHalf ? 'FLOAT16' : 'FLOAT',
          [ROWS * blocks],
          new Uint8Array(stored.buffer),
        ),
      ],
      node: [
        ...(isHalf
          ? [
              create(NodeProtoSchema, {
                opType: 'Cast',
                input: ['stored'],
                output: ['scales'],
                attribute: [int('to', TensorProto_DataType.FLOAT)],
              }),
            ]
          : []),
        create(NodeProtoSchema, {
          opType: 'MatMulNBits',
          domain: 'com.microsoft',
          input: ['x', 'levels', 'scales'],
          output: ['y'],
          attribute: [int('K', K), int('N', ROWS), int('bits', bits), int('block_size', block)],
        }),
      ],
    },
  });
  if (model.graph) change(model.graph);
  return toBinary(ModelProtoSchema, model);
}

async function multiply(model: Uint8Array): Promise<number[]> {
  const session = await InferenceSession.create(model);
  const x = new Tensor(
    'float32',
    Float32Array.from({ length: K }, (_, i) => Math.cos(i)),
    [1, K],
  );
  const { y } = await session.run({ x });
  await session.release();
  return Array.from(y.data as Float32Array);
}

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
