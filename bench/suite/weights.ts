import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, ModelProtoSchema } from 'onnx-buf';

/** Reads a graph. Throws an `Error` for a file that holds none. */
export async function readGraph(file: string): Promise<GraphProto> {
  const { graph } = fromBinary(ModelProtoSchema, await readFile(file));
  if (!graph) throw new Error(`${file} holds no graph.`);
  return graph;
}

/**
 * Bytes of the matrices that a pass of a decoder multiplies with, as its file stores them: all of
 * them, whatever the number of positions. Norms and the few rows that are looked up are left out.
 */
export function weightBytes({ node, initializer }: GraphProto): number {
  const bytes = new Map(initializer.map(({ name, rawData }) => [name, rawData?.length ?? 0]));
  // Scales in half precision pass through a cast.
  for (const { opType, input, output } of node) {
    const stored = opType === 'Cast' && bytes.get(input[0]);
    if (stored) bytes.set(output[0], stored);
  }
  let sum = 0;
  for (const { opType, input } of node) {
    if (!/^MatMul|^Gemm$/.test(opType)) continue;
    for (const name of input.slice(1)) sum += bytes.get(name) ?? 0;
  }
  return sum;
}

/** Numbers a position between a decoder's layers: so many its norms scale. Throws an `Error` for a graph without norms. */
export function graphWidth({ node, initializer }: GraphProto): number {
  const norm = node.find(({ opType }) => opType === 'SimplifiedLayerNormalization');
  const scales = initializer.find(({ name }) => name === norm?.input[1]);
  if (!scales) throw new Error('The graph has no norm that tells its width.');
  return Number(scales.dims[0]);
}
