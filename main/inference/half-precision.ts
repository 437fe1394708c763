import { toBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
  type ValueInfoProto,
} from 'onnx-buf';
import { cacheNames } from './caches';
import { readModel } from './graph-bytes';
import { GraphWriter, valueNamed } from './graph-writer';
import { halfBits } from './half';
import type { DecoderGraph } from './messages';

const { FLOAT, FLOAT16 } = TensorProto_DataType;

/**
 * A decoder's model, as bytes, that computes in half precision, its caches included; its logits, and the
 * hidden states that it gives or reads, are single. For GPUs, which read half the bytes of caches and activations so.
 * Throws an `Error` with a sentence for a graph that cannot be changed so, and a `RangeError` for
 * weights that are too large.
 */
export function inHalfPrecision(
  source: Uint8Array,
  decoder: DecoderGraph,
): Uint8Array<ArrayBuffer> {
  const { model, graph } = readModel(source);
  if (model.functions.length > 0) throw new Error('It defines functions of its own.');
  for (const tensor of graph.initializer) toHalf(tensor);
  for (const node of graph.node) computeInHalf(node);
  for (const { past, present } of cacheNames(decoder)) {
    holdHalf(valueNamed(graph.input, past));
    holdHalf(valueNamed(graph.output, present));
  }
  const { logits, hidden, features } = decoder.names;
  keepSingle(graph, logits);
  if (hidden) keepSingle(graph, hidden);
  if (features) takeSingle(graph, features);
  graph.valueInfo = [];
  return toBinary(ModelProtoSchema, model);
}

function toHalf(tensor: TensorProto): void {
  if (tensor.dataType !== FLOAT) return;
  const numbers =
    tensor.rawData.length > 0
      ? new Float32Array(new Uint8Array(tensor.rawData).buffer)
      : Float32Array.from(tensor.floatData);
  tensor.rawData = new Uint8Array(Uint16Array.from(numbers, halfBits).buffer);
  tensor.floatData = [];
  tensor.dataType = FLOAT16;
}

/** Constants and casts of a node; everything else follows from what it is given. */
function computeInHalf({ opType, attribute }: NodeProto): void {
  for (const one of attribute) {
    if (one.g !== undefined || one.graphs.length > 0) {
      throw new Error(`It has control flow (${opType}).`);
    }
    if (one.t) toHalf(one.t);
    const makesSingle = opType === 'Cast' && one.name === 'to' && one.i === BigInt(FLOAT);
    if (makesSingle) one.i = BigInt(FLOAT16);
  }
}

function holdHalf({ name, type }: ValueInfoProto): void {
  if (type?.value.case !== 'tensorType' || type.value.value.elemType !== FLOAT) {
    throw new Error(`"${name}" is not in single precision.`);
  }
  type.value.value.elemType = FLOAT16;
}

/** Has an output cast to single precision by the graph's last node. */
function keepSingle(graph: GraphProto, output: string): void {
  valueNamed(graph.output, output);
  const inHalf = `half/${output}`;
  const rename = (name: string) => (name === output ? inHalf : name);
  for (const node of graph.node) {
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
  }
  const writer = new GraphWriter('half/');
  writer.add('Cast', [inHalf], [output], { to: 'FLOAT' });
  graph.node.push(...writer.nodes);
}

/** Has an input taken in single precision and cast by the graph's first node. */
function takeSingle(graph: GraphProto, input: string): void {
  valueNamed(graph.input, input);
  const inHalf = `half/${input}`;
  for (const node of graph.node) {
    node.input = node.input.map((name) => (name === input ? inHalf : name));
  }
  const writer = new GraphWriter('half/');
  writer.add('Cast', [input], [inHalf], { to: 'FLOAT16' });
  graph.node.unshift(...writer.nodes);
}
