import { create, fromBinary } from '@bufbuild/protobuf';
import {
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { changed, source } from '../testing/changed-decoder';
import { syntheticDecoder, VOCABULARY } from '../testing/synthetic-pack';
import { type FusedPlan, unrollDraft } from './unroll';

const PLAN: FusedPlan = {
  lookahead: 4,
  candidates: 32,
  penalises: true,
  arithmetic: 'FLOAT',
  givesRows: false,
};

const unroll = (bytes: Uint8Array, plan = PLAN) =>
  unrollDraft(bytes, syntheticDecoder, VOCABULARY, plan);

describe('a draft unrolled', () => {
  it('has every step but each weight once', () => {
    const before = fromBinary(ModelProtoSchema, source).graph;
    const fused = unroll(source);
    const after = fromBinary(ModelProtoSchema, fused).graph;
    const count = (type: string) => after?.node.filter(({ opType }) => opType === type).length;
    expect(count('GroupQueryAttention')).toBe(4 * syntheticDecoder.layers);
    expect(count('TopK')).toBe(4);
    const names = after?.initializer.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(names.length);
    for (const { name } of before?.initializer ?? []) expect(names).toContain(name);
    expect(fused.length).toBeLessThan(source.length + 32_000);
  });

  it('gives every tensor one maker', () => {
    const made = fromBinary(ModelProtoSchema, unroll(source)).graph?.node.flatMap(
      ({ output }) => output,
    );
    expect(new Set(made).size).toBe(made?.length);
  });

  it('has only operators that WebGPU has kernels for', () => {
    const sampling = fromBinary(ModelProtoSchema, unroll(source)).graph?.node.filter(({ output }) =>
      output[0].startsWith('sampling'),
    );
    // As listed in the runtime that is installed; a type that it lacks would run on the CPU and
    // make the GPU wait at every step.
    const kernels =
      /^(Add|And|Cast|Concat|CumSum|Div|Equal|Gather|Greater|Less|LessOrEqual|Min|Mul|ReduceSum|Reshape|ScatterElements|Slice|Softmax|Split|TopK|Where)$/;
    for (const { opType } of sampling ?? []) expect(opType).toMatch(kernels);
  });
});

describe('a draft that cannot be unrolled', () => {
  it.each<[RegExp, (model: ModelProto) => void]>([
    [
      /control flow \(Loop\)/,
      ({ graph }) => {
        const attribute = [{ name: 'body', g: { name: 'body' } }];
        graph?.node.push(create(NodeProtoSchema, { opType: 'Loop', attribute }));
      },
    ],
    [
      /operator set 11/,
      ({ opsetImport }) => {
        opsetImport[0].version = 11n;
      },
    ],
    [
      /weights in a file beside it/,
      ({ graph }) => {
        if (graph) graph.initializer[0].dataLocation = TensorProto_DataLocation.EXTERNAL;
      },
    ],
    [
      /no input or output "logits"/,
      ({ graph }) => {
        if (graph) graph.output = graph.output.filter(({ name }) => name !== 'logits');
      },
    ],
    [
      /holds no graph/,
      (model) => {
        model.graph = undefined;
      },
    ],
  ])('is refused: %s', (reason, change) => {
    expect(() => unroll(changed(change))).toThrow(reason);
  });
});
