import { toBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
} from 'onnx-buf';
import { readModel } from './graph-bytes';

/**
 * A decoder's model, as bytes, whose embedding holds numbers of single precision in place of blocks of 8 bits. ONNX
 * Runtime has no program of CUDA for the blocks, and a graph of which a part runs on the CPU cannot be captured.
 * A graph without such blocks is left as it is.
 */
export function withPlainEmbedding(source: Uint8Array): Uint8Array {
  const { model, graph } = readModel(source);
  const changed = graph.node.filter((node) => makePlain(node, graph)).length;
  if (changed === 0) return source;
  graph.valueInfo = [];
  return toBinary(ModelProtoSchema, model);
}

/** The middle of a byte, which stands for 0. */
const ZERO = 128;

function makePlain(node: NodeProto, graph: GraphProto): boolean {
  if (node.opType !== 'GatherBlockQuantized' || node.input.length !== 3) return false;
  const attribute = (name: string) => Number(node.attribute.find((one) => one.name === name)?.i);
  const [levelsName, ids, scalesName] = node.input;
  const levels = graph.initializer.find(({ name }) => name === levelsName);
  const scales = storedScales(graph, scalesName);
  const isByRow = attribute('gather_axis') === 0 && attribute('quantize_axis') === 1;
  if (attribute('bits') !== 8 || !isByRow || !levels || !scales) return false;
  const [rows, width] = levels.dims.map(Number);
  const block = attribute('block_size');
  const blocks = Math.ceil(width / block);
  const numbers = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      const scale = scales[row * blocks + Math.floor(i / block)];
      numbers[row * width + i] = (levels.rawData[row * width + i] - ZERO) * scale;
    }
  }
  levels.rawData = new Uint8Array(numbers.buffer);
  levels.dataType = TensorProto_DataType.FLOAT;
  node.opType = 'Gather';
  node.domain = '';
  node.input = [levelsName, ids];
  node.attribute = [];
  return true;
}

/** Of single precision, which may be stored in half and cast; null where they are computed otherwise. */
function storedScales(graph: GraphProto, name: string): Float32Array | null {
  const stored = graph.initializer.find((one) => one.name === name);
  if (stored) return numbersOf(stored);
  const cast = graph.node.find(({ opType, output }) => opType === 'Cast' && output[0] === name);
  const half = cast && graph.initializer.find((one) => one.name === cast.input[0]);
  return half ? numbersOf(half) : null;
}

function numbersOf({ dataType, rawData, floatData }: TensorProto): Float32Array | null {
  if (dataType === TensorProto_DataType.FLOAT) {
    if (rawData.length === 0) return Float32Array.from(floatData);
    return new Float32Array(new Uint8Array(rawData).buffer);
  }
  if (dataType !== TensorProto_DataType.FLOAT16) return null;
  return Float32Array.from(new Uint16Array(new Uint8Array(rawData).buffer), halfValue);
}

/** The number that the bits of half precision stand for. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
