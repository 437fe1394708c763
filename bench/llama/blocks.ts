import type { TensorProto } from 'onnx-buf';
import { halfBits } from '../../main/inference/half';
import type { GgmlType } from './gguf';

/** Weights of a block, in either format. */
export const BLOCK = 32;
const MIDDLE = { 4: 8, 8: 128 } as const;

/** Rows of weights in blocks: levels around a middle, times one scale in half precision a block. */
export type BlockRows = {
  bits: 4 | 8;
  rows: number;
  /** Weights of a row, a multiple of 32. */
  width: number;
  /** [rows × width × bits ÷ 8]; of two nibbles in a byte the lower one comes first. */
  levels: Uint8Array;
  /** [rows × width ÷ 32], bits in half precision. */
  scales: Uint16Array;
};

/** Bits in half precision of a tensor in half or single precision. */
export function halvesOf({ dataType, rawData, name }: TensorProto): Uint16Array {
  const bytes = new Uint8Array(rawData ?? []);
  if (dataType === 10) return new Uint16Array(bytes.buffer);
  if (dataType === 1) return Uint16Array.from(new Float32Array(bytes.buffer), halfBits);
  throw new Error(`${name} is neither in half nor in single precision.`);
}

/** Matrices of the same width, one below the other. */
export function stacked(parts: readonly BlockRows[]): BlockRows {
  const [first] = parts;
  if (parts.some(({ bits, width }) => bits !== first.bits || width !== first.width)) {
    throw new Error('Matrices of different precision or width cannot be one.');
  }
  return {
    ...first,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    levels: new Uint8Array(Buffer.concat(parts.map(({ levels }) => levels))),
    scales: Uint16Array.from(parts.flatMap(({ scales }) => Array.from(scales))),
  };
}

/** The same rows and zeros below them, up to `rows`. */
export function padded(matrix: BlockRows, rows: number): BlockRows {
  const { bits, width } = matrix;
  const levels = new Uint8Array((rows * width * bits) / 8).fill(bits === 4 ? 0x88 : 0x80);
  levels.set(matrix.levels);
  const scales = new Uint16Array((rows * width) / BLOCK);
  scales.set(matrix.scales);
  return { bits, rows, width, levels, scales };
}

/**
 * The same numbers as Q4_0 or Q8_0: each block its scale and then its levels; of a byte of Q4_0 the
 * lower nibble is weight i, the higher one weight i + 16.
 */
export function toGgml(matrix: BlockRows): { type: GgmlType; data: Uint8Array } {
  const { bits, levels, scales } = matrix;
  const levelBytes = (BLOCK * bits) / 8;
  const data = new Uint8Array(scales.length * (2 + levelBytes));
  for (let block = 0; block < scales.length; block++) {
    const from = block * levelBytes;
    let to = block * (2 + levelBytes);
    data[to++] = scales[block] & 0xff;
    data[to++] = scales[block] >>> 8;
    for (let i = 0; i < levelBytes; i++) {
      data[to + i] =
        bits === 8
          ? levels[from + i] - MIDDLE[8]
          : nibble(levels, from, i) | (nibble(levels, from, i + BLOCK / 2) << 4);
    }
  }
  return { type: bits === 4 ? 'Q4_0' : 'Q8_0', data };
}

const nibble = (levels: Uint8Array, from: number, i: number) =>
  (levels[from + (i >> 1)] >>> (i % 2 === 0 ? 0 : 4)) & 0xf;
