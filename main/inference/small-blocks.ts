import { toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { readModel } from './graph-bytes';

/** The smallest that `MatMulNBits` knows. */
const SMALL = 16;

/**
 * A decoder's model, as bytes, with its quantised matrices in blocks of 16: the same numbers, each scale as often
 * as there are such blocks in one of its own. onnxruntime's WebGPU has programs of their own for blocks of 32 and four
 * positions or more, which reckon with dozens of positions: on an H200 a pass over four takes with them up to twice as
 * long as one over three. For blocks of 16 it has one program for all lengths.
 * Throws an `Error` with a sentence for a graph that has no larger blocks.
 */
export function inSmallBlocks(source: Uint8Array): Uint8Array<ArrayBuffer> {
  const { model, graph } = readModel(source);
  const uses = countUses(graph);
  const changed = graph.node.filter((node) => makeSmall(node, graph, uses)).length;
  if (changed === 0) throw new Error('It has no matrices in blocks of more than 16.');
  graph.valueInfo = [];
  return toBinary(ModelProtoSchema, model);
}

/** Whether it was a product with a matrix in larger blocks, without zero points and used by nothing else. */
function makeSmall(node: NodeProto, graph: GraphProto, uses: Map<string, number>): boolean {
  if (node.opType !== 'MatMulNBits' || node.input.length !== 3) return false;
  const sizes = ['K', 'bits', 'block_size'].map((name) => node.attribute.find(named(name)));
  if (sizes.includes(undefined)) return false;
  const [k, bits, block] = sizes as AttributeProto[];
  const times = Number(block.i) / SMALL;
  const [, levelsName, scalesName] = node.input;
  const levels = graph.initializer.find(named(levelsName));
  const scales = storedScales(graph, scalesName, uses);
  if (!(times > 1) || k.i % block.i !== 0n || !levels || !scales) return false;
  if ([levelsName, scalesName].some((name) => uses.get(name) !== 1)) return false;
  const blocks = k.i / BigInt(SMALL);
  levels.dims = [levels.dims[0], blocks, (BigInt(SMALL) * bits.i) / 8n];
  repeatEach(scales, times);
  block.i = BigInt(SMALL);
  return true;
}

/** The tensor that holds scales, which may pass through a cast. */
function storedScales(
  graph: GraphProto,
  name: string,
  uses: Map<string, number>,
): TensorProto | undefined {
  const stored = graph.initializer.find(named(name));
  if (stored) return stored;
  const cast = graph.node.find(({ opType, output }) => opType === 'Cast' && output[0] === name);
  if (!cast || uses.get(cast.input[0]) !== 1) return undefined;
  return graph.initializer.find(named(cast.input[0]));
}

/** Every number of a tensor, whatever its type, so many times in place of once. */
function repeatEach(tensor: TensorProto, times: number): void {
  const count = tensor.dims.reduce((product, side) => product * Number(side), 1);
  if (tensor.rawData.length === 0) {
    tensor.rawData = new Uint8Array(Float32Array.from(tensor.floatData).buffer);
    tensor.floatData = [];
  }
  const width = tensor.rawData.length / count;
  const repeated = new Uint8Array(tensor.rawData.length * times);
  for (let i = 0; i < count; i++) {
    const number = tensor.rawData.subarray(i * width, (i + 1) * width);
    for (let time = 0; time < times; time++) repeated.set(number, (i * times + time) * width);
  }
  tensor.rawData = repeated;
  const last = tensor.dims.length - 1;
  tensor.dims[last] *= BigInt(times);
}

/** How often the graph's nodes read each tensor. */
function countUses({ node }: GraphProto): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { input } of node) for (const name of input) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

const named =
  (name: string) =>
  (one: { name: string }): boolean =>
    one.name === name;
