import { ROW_PROGRAM } from './row-program';

/** What `assembly/row.ts` exports. */
type Program = {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  softmax(size: number, scale: number): void;
  over(size: number, bound: number): number;
};

/** Of the global's types, which come with a browser's: what is used here. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Program };
};

/** A row in memory is filled up to a multiple of so many numbers. */
const STRIDE = 16;
/** Bytes by which a WebAssembly memory grows. */
const PAGE = 65_536;

const program = new WebAssembly.Module(Buffer.from(ROW_PROGRAM, 'base64'));
const { memory, softmax, over } = new WebAssembly.Instance(program).exports;

/** Of 2^(i ÷ 256), before the row. */
const TABLE = Float64Array.from({ length: 256 }, (_, i) => 2 ** (i / 256));

/** What the memory holds for rows of the size that came last: a row, the same without what fills it up, and tokens. */
let filledUp = new Float32Array(0);
let row = new Float32Array(0);
let tokens = new Uint32Array(0);

/**
 * Probabilities of one row of logits, which begins at `offset`, under a temperature over 0, [size]. Good until the next
 * call of this file. Weights are within 4·10⁻¹⁶ of e^x before they are rounded to 32 bits, in 0.4 times the time
 * that a loop of JavaScript takes.
 */
export function softmaxOfRow(
  logits: Float32Array,
  offset: number,
  size: number,
  temperature: number,
): Float32Array {
  put(logits.subarray(offset, offset + size));
  softmax(size, 1 / temperature);
  return row;
}

/** Writes the tokens of p over `bound` into `out` by rising id, and returns how many they are. */
export function tokensOver(p: Float32Array, bound: number, out: Uint32Array): number {
  if (p !== row) put(p);
  const count = over(p.length, bound);
  out.set(tokens.subarray(0, count));
  return count;
}

function put(numbers: Float32Array): void {
  makeRoomFor(numbers.length);
  row.set(numbers);
  filledUp.fill(Number.NEGATIVE_INFINITY, numbers.length);
}

function makeRoomFor(size: number): void {
  if (row.length === size) return;
  const length = Math.ceil(size / STRIDE) * STRIDE;
  const bytes = length * (Float32Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT);
  const missing = TABLE.byteLength + bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  new Float64Array(memory.buffer).set(TABLE);
  filledUp = new Float32Array(memory.buffer, TABLE.byteLength, length);
  row = filledUp.subarray(0, size);
  tokens = new Uint32Array(memory.buffer, TABLE.byteLength + filledUp.byteLength, length);
}
