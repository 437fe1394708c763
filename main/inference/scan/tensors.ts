import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf';

/** No honest tensor of a speech model has more dimensions. */
const MOST_DIMENSIONS = 8;
/** Numbers of one tensor: beyond it no index of 32 bits reaches. */
const MOST_NUMBERS = 2 ** 31;

/** Bits of a number, by its type. Strings and complex numbers are nothing that a speech model holds. */
const BITS = new Map<number, number>([
  [TensorProto_DataType.FLOAT, 32],
  [TensorProto_DataType.UINT8, 8],
  [TensorProto_DataType.INT8, 8],
  [TensorProto_DataType.UINT16, 16],
  [TensorProto_DataType.INT16, 16],
  [TensorProto_DataType.INT32, 32],
  [TensorProto_DataType.INT64, 64],
  [TensorProto_DataType.BOOL, 8],
  [TensorProto_DataType.FLOAT16, 16],
  [TensorProto_DataType.DOUBLE, 64],
  [TensorProto_DataType.UINT32, 32],
  [TensorProto_DataType.UINT64, 64],
  [TensorProto_DataType.BFLOAT16, 16],
  [TensorProto_DataType.FLOAT8E4M3FN, 8],
  [TensorProto_DataType.FLOAT8E4M3FNUZ, 8],
  [TensorProto_DataType.FLOAT8E5M2, 8],
  [TensorProto_DataType.FLOAT8E5M2FNUZ, 8],
  [TensorProto_DataType.UINT4, 4],
  [TensorProto_DataType.INT4, 4],
]);

/** Files that a pack lists, and the bytes of each, by their names seen from the graph's folder. */
export type ListedFiles = ReadonlyMap<string, number>;

/** Whether each side is a length, and all of them together what an index can reach. */
export function isBoundedShape(sides: readonly number[]): boolean {
  return (
    sides.length <= MOST_DIMENSIONS &&
    sides.every((side) => Number.isInteger(side) && side >= 0 && side <= MOST_NUMBERS) &&
    numbersOf(sides) <= MOST_NUMBERS
  );
}

/** Numbers of a tensor with such sides. */
export function numbersOf(sides: readonly number[]): number {
  return sides.reduce((product, side) => product * side, 1);
}

/**
 * Why a stored tensor is not to be opened, as the rest of a sentence that begins with the file; or null. It
 * must hold just what its shape promises, here or in a listed file.
 */
export function objectionToTensor(tensor: TensorProto, listed: ListedFiles): string | null {
  const name = `the tensor ${tensor.name || 'without a name'}`;
  const bits = BITS.get(tensor.dataType);
  if (bits === undefined) return `holds ${name} of a type that Timbrel does not know`;
  const sides = tensor.dims.map(Number);
  if (!isBoundedShape(sides)) return `holds ${name} of an impossible shape`;
  const bytes = Math.ceil((numbersOf(sides) * bits) / 8);
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    return objectionToExternal(tensor, bytes, listed, name);
  }
  if (tensor.externalData.length > 0) return `names a file for ${name}, which it holds itself`;
  if (tensor.rawData.length > 0 || bytes === 0) {
    const held = tensor.rawData.length;
    return held === bytes ? null : `holds ${held} bytes of ${name}, whose shape takes ${bytes}`;
  }
  const numbers =
    tensor.floatData.length +
    tensor.int32Data.length +
    tensor.int64Data.length +
    tensor.doubleData.length +
    tensor.uint64Data.length;
  // Numbers of four bits may come two in one.
  const least = bits === 4 ? Math.ceil(numbersOf(sides) / 2) : numbersOf(sides);
  const enough = numbers >= least && numbers <= numbersOf(sides);
  return enough ? null : `holds ${numbers} numbers of ${name}, whose shape takes ${least}`;
}

function objectionToExternal(
  tensor: TensorProto,
  bytes: number,
  listed: ListedFiles,
  name: string,
): string | null {
  const facts = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = facts.get('location') ?? '';
  const size = listed.get(location);
  if (size === undefined)
    return `keeps ${name} in ${location || 'no file'}, which the pack does not list`;
  const offset = Number(facts.get('offset') ?? 0);
  const length = Number(facts.get('length') ?? size - offset);
  const within = Number.isInteger(offset) && offset >= 0 && offset + length <= size;
  return within && length === bytes
    ? null
    : `expects other bytes of ${name} than ${location} holds`;
}
