/** Element types of tensors, by their numbers in the format. */
export const GGML_TYPES = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 } as const;
export type GgmlType = keyof typeof GGML_TYPES;

export type GgufTensor = {
  name: string;
  type: GgmlType;
  /** Fastest first: [inputs, outputs] for a matrix. */
  shape: readonly number[];
  data: Uint8Array;
};

/** A whole number is a UINT32, a `{ float }` a FLOAT32; lists are of strings, FLOAT32s or INT32s. */
export type GgufValue = string | number | { float: number } | string[] | Float32Array | Int32Array;

const ALIGNMENT = 32;
const VALUE_TYPES = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 } as const;

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** A file of the GGUF format, version 3: metadata and tensors, as llama.cpp maps them. */
export function encodeGguf(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Uint8Array {
  const head: Uint8Array[] = [];
  const put = (bytes: number, write: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    head.push(new Uint8Array(view.buffer));
  };
  const u32 = (value: number) => put(4, (view) => view.setUint32(0, value, true));
  const u64 = (value: number) => put(8, (view) => view.setBigUint64(0, BigInt(value), true));
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    u64(bytes.length);
    head.push(bytes);
  };

  const list = (type: keyof typeof VALUE_TYPES, length: number) => {
    u32(VALUE_TYPES.array);
    u32(VALUE_TYPES[type]);
    u64(length);
  };

  head.push(new TextEncoder().encode('GGUF'));
  u32(3);
  u64(tensors.length);
  u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    text(key);
    if (typeof value === 'string') {
      u32(VALUE_TYPES.string);
      text(value);
    } else if (typeof value === 'number') {
      u32(VALUE_TYPES.uint32);
      u32(value);
    } else if (Array.isArray(value)) {
      list('string', value.length);
      for (const one of value) text(one);
    } else if (value instanceof Float32Array || value instanceof Int32Array) {
      list(value instanceof Int32Array ? 'int32' : 'float32', value.length);
      head.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else {
      u32(VALUE_TYPES.float32);
      put(4, (view) => view.setFloat32(0, value.float, true));
    }
  }
  let offset = 0;
  for (const { name, type, shape, data } of tensors) {
    text(name);
    u32(shape.length);
    for (const side of shape) u64(side);
    u32(GGML_TYPES[type]);
    u64(offset);
    offset += aligned(data.length);
  }

  const headBytes = aligned(head.reduce((sum, part) => sum + part.length, 0));
  const file = new Uint8Array(headBytes + offset);
  let at = 0;
  for (const part of head) {
    file.set(part, at);
    at += part.length;
  }
  at = headBytes;
  for (const { data } of tensors) {
    file.set(data, at);
    at += aligned(data.length);
  }
  return file;
}
