import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { providerFor } from '../gpu-use';
import { valueInfo } from '../graph-writer';
import { halfBits } from '../half';
import type { Device } from '../messages';
import { Binding } from '../runtime/binding';
import { Owner } from '../runtime/handle';
import { Session } from '../runtime/session';
import { memoryOf } from '../session-memory';

/** Numbers of a row. */
export const K = 128;
export const ROWS = 5;

export type Matrix = { bits: 4 | 8; block: number; scaled: 'single' | 'cast from half' };

const noise = (i: number) => Math.sin(i * 12.9898) * 43758.5453;
const byte = (i: number) => Math.floor((noise(i) - Math.floor(noise(i))) * 256);

/** A product of x [positions, K] with one quantised matrix [ROWS, K]; `change` meddles with the graph. */
export function product(
  { bits, block, scaled }: Matrix,
  change: (graph: GraphProto) => void = () => {},
) {
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
      input: [valueInfo('x', 'FLOAT', ['positions', K])],
      output: [valueInfo('y', 'FLOAT', ['positions', ROWS])],
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

/** What the model makes of some positions. */
export function multiply(
  model: Uint8Array,
  { device = 'cpu', positions = 1 }: { device?: Device; positions?: number } = {},
): number[] {
  const session = Session.open(model, { threads: 1, provider: providerFor(device, false) });
  const memory = memoryOf(device, session);
  const owner = new Owner();
  try {
    const x = memory.mirror('float32', [positions, K], owner);
    const y = memory.mirror('float32', [positions, ROWS], owner);
    x.host.data.forEach((_, i, numbers) => {
      numbers[i] = Math.cos(i);
    });
    memory.send([x]);
    owner.own(new Binding(session, { inputs: { x: x.device }, outputs: { y: y.device } })).run();
    memory.fetch([y]);
    return Array.from(y.host.data);
  } finally {
    owner.release();
    memory.release();
    session.release();
  }
}
