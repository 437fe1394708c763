import {
  AttributeProto_AttributeType,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
} from 'onnx-buf';
import { numbersOf } from './tensors';

/** Numbers that one node may make out of constants alone, or by a length that is a constant: 256 MiB of them. */
const MOST_MADE = 2 ** 26;
/** Bytes of a number that is made, at the least. */
const NUMBER_BYTES = 4;
/** What all constants of a graph may grow to beside the file's own size. */
const FREE_BYTES = 256 * 2 ** 20;
/** How often a weight may be made again on its way: 4-bit numbers become 32-bit ones, and are cast and turned. */
const MOST_GROWTH = 24;

/** A tensor that is known before a graph runs. */
type Constant = {
  /** Its sides, or null where only their product is estimated. */
  sides: number[] | null;
  /** Numbers, at the most. */
  count: number;
  /** Its values, of a small one. */
  values: number[] | null;
};

/** Values of a tensor that may be a shape, a length or a count of repeats. */
const MOST_VALUES = 64;

/**
 * What the constants of a graph grow to. ONNX Runtime computes every node whose inputs are all constants
 * when it opens a graph, so that a hundred bytes can ask for a terabyte. Sizes are upper bounds: nothing is computed.
 */
export class ConstantSizes {
  private readonly constants = new Map<string, Constant>();
  private readonly spent: { bytes: number };

  /** `fileBytes`: of the graph's file. */
  constructor(
    private readonly fileBytes: number,
    private readonly outer: ConstantSizes | null = null,
  ) {
    this.spent = outer?.spent ?? { bytes: 0 };
  }

  /** For a graph within this one, which reads what this one knows. */
  within(): ConstantSizes {
    return new ConstantSizes(this.fileBytes, this);
  }

  /** Takes note of a stored tensor. */
  hold(tensor: TensorProto): void {
    this.constants.set(tensor.name, stored(tensor));
  }

  /** Takes note of a node. Returns why it makes too much, as the rest of a sentence that begins with the file. */
  add(node: NodeProto): string | null {
    const asked = this.askedFor(node);
    if (!(asked <= MOST_MADE))
      return `asks ${node.opType} for more numbers than a speech model needs`;
    const inputs = node.input.filter((name) => name !== '').map((name) => this.find(name));
    if (!inputs.every((input) => input !== null)) return null;
    const attribute = node.opType === 'Constant' ? node.attribute[0] : undefined;
    if (node.input.length === 0 && !attribute) return null;
    const made = attribute ? constantOf(attribute) : outputOf(node, inputs as Constant[], asked);
    if (made.count > MOST_MADE)
      return `makes too many numbers out of its constants by ${node.opType}`;
    this.spent.bytes += made.count * NUMBER_BYTES * node.output.length;
    if (this.spent.bytes > FREE_BYTES + MOST_GROWTH * this.fileBytes) {
      return 'makes too many numbers out of its constants';
    }
    for (const name of node.output) if (name !== '') this.constants.set(name, made);
    return null;
  }

  private find(name: string): Constant | null {
    return this.constants.get(name) ?? this.outer?.find(name) ?? null;
  }

  /** Numbers that a node makes by a length which is known before the graph runs; 0 where it has none. */
  private askedFor(node: NodeProto): number {
    const values = (input: number) => this.find(node.input[input] ?? '')?.values ?? null;
    const product = (input: number) => {
      const sides = values(input);
      return sides ? numbersOf(sides.map((side) => Math.max(1, Math.abs(side)))) : 0;
    };
    const count = (input: number) => this.find(node.input[input] ?? '')?.count ?? 1;
    switch (node.opType) {
      case 'ConstantOfShape':
      case 'BlackmanWindow':
      case 'HammingWindow':
      case 'HannWindow':
        return product(0);
      case 'Expand':
      case 'Col2Im':
        return product(1);
      case 'Tile':
        return product(1) * count(0);
      case 'OneHot':
        return product(1) * count(0);
      case 'Pad': {
        const added = (values(1) ?? []).reduce((sum, side) => sum + Math.abs(side), 0);
        return added > MOST_MADE ? added : 0;
      }
      case 'Resize':
        return Math.max(product(2) * count(0), product(3));
      case 'Range': {
        const [start, limit, step] = [values(0)?.[0], values(1)?.[0], values(2)?.[0]];
        if (start === undefined || limit === undefined || !step) return 0;
        return Math.max(0, Math.ceil((limit - start) / step));
      }
      case 'RandomNormal':
      case 'RandomUniform': {
        const shape = node.attribute.find(({ name }) => name === 'shape')?.ints ?? [];
        return numbersOf(shape.map((side) => Math.abs(Number(side))));
      }
      default:
        return 0;
    }
  }
}

const ofCount = (count: number): Constant => ({ sides: null, count, values: null });
const ofSides = (sides: number[]): Constant => ({ sides, count: numbersOf(sides), values: null });

function stored(tensor: TensorProto): Constant {
  const sides = tensor.dims.map(Number);
  const count = numbersOf(sides);
  return { sides, count, values: count <= MOST_VALUES ? valuesOf(tensor) : null };
}

/** Of a tensor of whole or real numbers that holds its values itself. */
function valuesOf(tensor: TensorProto): number[] | null {
  const { rawData, dataType } = tensor;
  if (rawData.length === 0) {
    const { int64Data, int32Data, floatData, doubleData } = tensor;
    const typed = [int64Data, int32Data, floatData, doubleData].find((data) => data.length > 0);
    return typed ? Array.from(typed as ArrayLike<number | bigint>, Number) : null;
  }
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const readers = new Map<number, [bytes: number, read: (at: number) => number]>([
    [TensorProto_DataType.INT64, [8, (at) => Number(view.getBigInt64(at, true))]],
    [TensorProto_DataType.INT32, [4, (at) => view.getInt32(at, true)]],
    [TensorProto_DataType.FLOAT, [4, (at) => view.getFloat32(at, true)]],
    [TensorProto_DataType.DOUBLE, [8, (at) => view.getFloat64(at, true)]],
  ]);
  const reader = readers.get(dataType);
  if (!reader) return null;
  const [bytes, value] = reader;
  return Array.from({ length: rawData.length / bytes }, (_, i) => value(i * bytes));
}

/** What a node `Constant` gives. */
function constantOf(attribute: NodeProto['attribute'][number]): Constant {
  const { t, type, floats, ints, i, f } = attribute;
  if (t) return stored(t);
  const several = type === AttributeProto_AttributeType.FLOATS ? floats : ints;
  const values = several.length > 0 ? several.map(Number) : [Number(i) || f];
  const isList = several.length > 0;
  return {
    sides: isList ? [values.length] : [],
    count: values.length,
    values: values.length <= MOST_VALUES ? values : null,
  };
}

/** Operators whose output has the shape of their first input. */
const SAME_SHAPE = new Set(
  `Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization BitwiseNot Cast CastLike Ceil Celu Clip Cos
  Cosh CumProd CumSum DequantizeLinear Dropout Elu Erf Exp EyeLike Floor Gelu HardSigmoid HardSwish
  Hardmax Identity InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu Log LogSoftmax
  LpNormalization Mish Neg Not QuantizeLinear RMSNormalization RandomNormalLike RandomUniformLike
  Reciprocal Relu ReverseSequence Round Scatter ScatterElements ScatterND Selu Shrink Sigmoid Sign
  SimplifiedLayerNormalization Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh TensorScatter
  ThresholdedRelu Trilu`.split(/\s+/),
);

/** Operators whose outputs have other shapes, but at most as many numbers as their first input. */
const NO_LARGER = new Set(
  `ArgMax ArgMin Compress DepthToSpace DynamicQuantizeLinear Flatten ReduceL1 ReduceL2 ReduceLogSum
  ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Reshape Size Slice
  SpaceToDepth Split Squeeze TopK Transpose Unique Unsqueeze`.split(/\s+/),
);

/** Operators that join their inputs number by number, each repeated along the sides that it lacks. */
const BROADCAST = new Set(
  `Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max
  Mean Min Mod Mul Or PRelu Pow Sub Sum Where Xor`.split(/\s+/),
);

/** `asked`: what the node makes by a length that is known; 0 where it has none. */
function outputOf(node: NodeProto, inputs: Constant[], asked: number): Constant {
  const [first, second] = inputs;
  const product = inputs.reduce((all, { count }) => all * Math.max(1, count), 1);
  if (asked > 0) return ofCount(asked);
  if (node.opType === 'Shape') return { sides: null, count: 8, values: first.sides };
  // Lengths stay lengths when they are cast or shaped: exporters pass them on so.
  if (SAME_SHAPE.has(node.opType)) {
    const isSame = node.opType === 'Cast' || node.opType === 'Identity';
    return { ...first, values: isSame ? first.values : null };
  }
  if (NO_LARGER.has(node.opType)) {
    const keeps = ['Reshape', 'Squeeze', 'Unsqueeze'].includes(node.opType);
    return {
      sides: reshaped(node, first, second),
      count: first.count,
      values: keeps ? first.values : null,
    };
  }
  if (node.opType === 'NonZero') return ofCount(first.count * 8);
  if (node.opType === 'Concat') return joined(node, inputs);
  if (BROADCAST.has(node.opType)) return broadcast(node.opType, inputs, product);
  if (node.opType === 'Gather' && first.sides && second) {
    const axis = axisOf(node, first.sides.length);
    const side = Math.max(1, first.sides[axis] ?? 1);
    if (!second.sides) return ofCount((first.count / side) * second.count);
    return ofSides(first.sides.toSpliced(axis, 1, ...second.sides));
  }
  if (node.opType === 'GatherElements' && second) return ofCount(second.count);
  if (node.opType === 'MatMul' && first.sides && second?.sides) {
    return matMul(first.sides, second.sides, product);
  }
  return ofCount(product);
}

/** The sides of a tensor that is turned or shaped anew, where they are known. */
function reshaped(node: NodeProto, { sides, count }: Constant, second?: Constant): number[] | null {
  if (!sides) return null;
  const named = (name: string) => node.attribute.find((one) => one.name === name)?.ints.map(Number);
  switch (node.opType) {
    case 'Transpose': {
      const order = named('perm') ?? sides.map((_, i) => sides.length - 1 - i);
      return order.map((from) => sides[from] ?? 1);
    }
    case 'Reshape': {
      const asked = second?.values?.map((side, i) => (side === 0 ? (sides[i] ?? 1) : side));
      if (!asked) return null;
      const others = numbersOf(asked.filter((side) => side > 0));
      return asked.map((side) => (side < 0 ? count / others : side));
    }
    case 'Unsqueeze': {
      const axes = named('axes') ?? second?.values;
      if (!axes) return null;
      const rank = sides.length + axes.length;
      const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
      let next = 0;
      return Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (sides[next++] ?? 1)));
    }
    case 'Squeeze': {
      const axes = named('axes') ?? second?.values;
      const left = new Set(axes?.map((axis) => (axis < 0 ? axis + sides.length : axis)));
      return sides.filter((side, i) => (axes ? !left.has(i) : side !== 1));
    }
    default:
      return null;
  }
}

function axisOf(node: NodeProto, rank: number): number {
  const axis = Number(node.attribute.find(({ name }) => name === 'axis')?.i ?? 0);
  return axis < 0 ? axis + rank : axis;
}

/** What `Concat` makes. */
function joined(node: NodeProto, inputs: Constant[]): Constant {
  const count = inputs.reduce((sum, one) => sum + one.count, 0);
  const isKnown = count <= MOST_VALUES && inputs.every(({ values }) => values);
  const values = isKnown ? inputs.flatMap((input) => input.values ?? []) : null;
  const [first] = inputs;
  if (!first.sides || !inputs.every(({ sides }) => sides)) return { sides: null, count, values };
  const axis = axisOf(node, first.sides.length);
  const side = inputs.reduce((sum, { sides }) => sum + (sides?.[axis] ?? 1), 0);
  return { sides: first.sides.toSpliced(axis, 1, side), count, values };
}

function broadcast(type: string, inputs: Constant[], product: number): Constant {
  const [first, second] = inputs;
  if (inputs.length === 2 && first.values && second.values) {
    const values = combined(type, first.values, second.values);
    if (values) return { sides: null, count: values.length, values };
  }
  if (inputs.every(({ count }) => count === 1)) return ofCount(1);
  if (!inputs.every(({ sides }) => sides !== null)) return ofCount(product);
  const rank = Math.max(...inputs.map(({ sides }) => sides?.length ?? 0));
  return ofSides(
    Array.from({ length: rank }, (_, i) =>
      Math.max(...inputs.map(({ sides }) => sides?.at(i - rank) ?? 1)),
    ),
  );
}

/** The lengths that arithmetic makes of lengths, which exporters leave to a graph; null for anything else. */
function combined(type: string, a: number[], b: number[]): number[] | null {
  if (a.length !== b.length && a.length !== 1 && b.length !== 1) return null;
  const operation = ARITHMETIC[type];
  if (!operation) return null;
  const length = Math.max(a.length, b.length);
  const of = (values: number[], i: number) => values[values.length === 1 ? 0 : i];
  return Array.from({ length }, (_, i) => operation(of(a, i), of(b, i)));
}

const ARITHMETIC: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
  Pow: (a, b) => a ** b,
};

function matMul(a: number[], b: number[], product: number): Constant {
  if (a.length < 2 || b.length < 2) return ofCount(product);
  const rank = Math.max(a.length, b.length) - 2;
  const batches = Array.from({ length: rank }, (_, i) =>
    Math.max(a.slice(0, -2).at(i - rank) ?? 1, b.slice(0, -2).at(i - rank) ?? 1),
  );
  return ofSides([...batches, a[a.length - 2], b[b.length - 1]]);
}
