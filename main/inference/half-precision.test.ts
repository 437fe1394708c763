import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from 'onnx-buf';
import { describe, expect, it, onTestFinished } from 'vitest';
import { divergence } from './agreement';
import { GraphModel } from './graph-model';
import { inHalfPrecision } from './half-precision';
import type { DecoderGraph } from './messages';
import { source, withGraph } from './testing/changed-decoder';
import { featurePair } from './testing/feature-pair';
import { syntheticDecoder, VOCABULARY } from './testing/synthetic-pack';

/** On the CPU, which computes in half precision too, if slowly. */
async function open(bytes: Uint8Array, graph: DecoderGraph = syntheticDecoder) {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-half-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'decoder.onnx');
  await writeFile(file, bytes);
  const placement = { device: 'cpu', threads: 1 } as const;
  const model = await GraphModel.open({ ...graph, file }, VOCABULARY, placement);
  onTestFinished(() => model.release());
  return model;
}

describe('a decoder in half precision', () => {
  it('computes nearly what it does in single precision', async () => {
    const long = { ...syntheticDecoder, maxLength: 300 };
    const half = await open(inHalfPrecision(source, long), long);
    const single = await open(source, long);
    const kl = await divergence(single, half, (i, pass) => (i * 7 + pass) % VOCABULARY);
    expect(kl).toBeGreaterThan(0);
    expect(kl).toBeLessThan(1e-5);
  });

  it('reads and gives hidden states in single precision', async () => {
    const pair = await featurePair();
    onTestFinished(pair.remove);
    const bytes = await readFile(pair.draft.file);
    const half = await open(inHalfPrecision(bytes, pair.draft), pair.draft);
    const single = await open(bytes, pair.draft);
    const kl = await divergence(single, half, (i, pass) => (i * 7 + pass) % VOCABULARY);
    expect(kl).toBeGreaterThan(0);
    expect(kl).toBeLessThan(1e-5);
    for (const model of [single, half]) await model.forward([3, 4, 5]);
    const [whole, rounded] = [single.hidden(2), half.hidden(2)];
    whole.forEach((value, i) => {
      expect(Math.abs(rounded[i] - value)).toBeLessThan(0.02);
    });
  });

  it('holds no number in single precision, and gives its logits in it', () => {
    const graph = fromBinary(ModelProtoSchema, inHalfPrecision(source, syntheticDecoder)).graph;
    const { FLOAT } = TensorProto_DataType;
    expect(graph?.initializer.filter(({ dataType }) => dataType === FLOAT)).toEqual([]);
    const types = graph?.output.map(({ name, type }) => [
      name,
      type?.value.case === 'tensorType' && type.value.value.elemType === FLOAT,
    ]);
    expect(types?.filter(([, isSingle]) => isSingle)).toEqual([['logits', true]]);
  });
});

describe('a decoder that cannot be changed so', () => {
  it.each<[RegExp, Uint8Array]>([
    [/"past_key\.0" is not in single precision/, inHalfPrecision(source, syntheticDecoder)],
    [/no input or output "logits"/, withGraph((graph) => graph.output.shift())],
    [
      /too large for half precision/,
      withGraph(({ initializer }) => {
        initializer[0].rawData = new Uint8Array(Float32Array.of(1e6).buffer);
      }),
    ],
    [
      /weights in a file beside it/,
      withGraph(({ initializer }) => {
        initializer[0].dataLocation = TensorProto_DataLocation.EXTERNAL;
      }),
    ],
    [
      /control flow \(If\)/,
      withGraph((graph) => {
        const attribute = [{ name: 'then_branch', g: { name: 'then' } }];
        graph.node.push(create(NodeProtoSchema, { opType: 'If', attribute }));
      }),
    ],
    [/holds no graph/, new Uint8Array()],
  ])('is refused: %s', (reason, bytes) => {
    expect(() => inHalfPrecision(bytes, syntheticDecoder)).toThrow(reason);
  });
});
