import { call, make } from './api';
import { Handle } from './handle';

/** Types of numbers that graphs are fed and give, by the library's own numbers for them. */
const TYPES = {
  float32: { code: 1, Numbers: Float32Array },
  int32: { code: 6, Numbers: Int32Array },
  int64: { code: 7, Numbers: BigInt64Array },
  /** As its bits. */
  float16: { code: 10, Numbers: Uint16Array },
} as const;

export type NumberType = keyof typeof TYPES;
export type Numbers<T extends NumberType = NumberType> = InstanceType<(typeof TYPES)[T]['Numbers']>;

/** Other types, for sentences about graphs. */
const OTHER_NAMES: Record<number, string> = {
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  8: 'string',
  9: 'bool',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

export const codeOf = (type: NumberType): number => TYPES[type].code;
export const bytesOf = (type: NumberType): number => TYPES[type].Numbers.BYTES_PER_ELEMENT;

/** A type by its number; `unknown` for one that no graph of ours has. */
export function typeName(code: number): string {
  const known = Object.entries(TYPES).find(([, { code: own }]) => own === code);
  return known?.[0] ?? OTHER_NAMES[code] ?? 'unknown';
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** A shape as the library takes it. */
export const sidesOf = (shape: readonly number[]) => BigInt64Array.from(shape, BigInt);

/** What a session reads from and writes to: numbers of one type in memory of the CPU or of a device. */
export interface Tensor {
  readonly handle: Handle;
  readonly type: NumberType;
  readonly shape: readonly number[];
  release(): void;
}

/** The library's kind of allocators that keep what they are given back. */
export const ARENA = 1;
const DEFAULT_MEMORY = 0;
let cpuMemory: bigint | null = null;

/** Numbers in this process's memory. `data` is what the library reads and writes, and is read and written as it is. */
export class CpuTensor<T extends NumberType = NumberType> implements Tensor {
  readonly handle: Handle;
  readonly data: Numbers<T>;

  /**
   * In `memory`, which has room for it, or in its own. Throws an `Error` for a shape that the library does not take.
   */
  constructor(
    readonly type: T,
    readonly shape: readonly number[],
    memory?: Uint8Array<ArrayBuffer>,
  ) {
    const { Numbers, code } = TYPES[type];
    const bytes = countOf(shape) * Numbers.BYTES_PER_ELEMENT;
    // Made first: a small typed array that is made alone lies where the collector may move it.
    const { buffer, byteOffset } = memory ?? new Uint8Array(new ArrayBuffer(bytes));
    this.data = new Numbers(buffer, byteOffset, countOf(shape)) as Numbers<T>;
    cpuMemory ??= make('CreateCpuMemoryInfo', ARENA, DEFAULT_MEMORY);
    const sides = sidesOf(shape);
    const pointer = make(
      'CreateTensorWithDataAsOrtValue',
      cpuMemory,
      this.data,
      bytes,
      sides,
      shape.length,
      code,
    );
    this.handle = new Handle('Value', pointer);
  }

  release(): void {
    this.handle.release();
  }
}

/** Reads the library's description of a tensor: −1 for a side that is open. */
export function readShape(info: bigint): { code: number; shape: number[] } {
  const code = new Int32Array(1);
  call('GetTensorElementType', info, code);
  const count = new BigUint64Array(1);
  call('GetDimensionsCount', info, count);
  const sides = new BigInt64Array(Number(count[0]));
  call('GetDimensions', info, sides, sides.length);
  return { code: code[0], shape: Array.from(sides, Number) };
}
