import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** Element types that the sampling nodes use. */
export type ElementType = 'FLOAT' | 'FLOAT16' | 'DOUBLE' | 'INT32' | 'INT64';

const ARRAYS = {
  FLOAT: Float32Array,
  /** Given as its bits. */
  FLOAT16: Uint16Array,
  DOUBLE: Float64Array,
  INT32: Int32Array,
} as const;

type AttributeValue = number | ElementType;

/** Collects nodes and constants of an ONNX graph. */
export class GraphWriter {
  readonly nodes: NodeProto[] = [];
  readonly constants = new Map<string, TensorProto>();
  private made = 0;

  /** `prefix` begins the name of every tensor made here: no other may begin with it. */
  constructor(private readonly prefix: string) {}

  /** Adds an operator of the standard set, and returns its first output. */
  op(type: string, inputs: string[], attributes: Record<string, AttributeValue> = {}): string {
    return this.ops(type, inputs, 1, attributes)[0];
  }

  /** Adds an operator with several outputs. */
  ops(
    type: string,
    inputs: string[],
    outputs: number,
    attributes: Record<string, AttributeValue> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => `${this.prefix}${type}${this.made++}`);
    this.add(type, inputs, names, attributes);
    return names;
  }

  /** Adds an operator whose outputs have names of their own. */
  add(
    opType: string,
    input: string[],
    output: string[],
    attributes: Record<string, AttributeValue> = {},
  ): void {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.nodes.push(create(NodeProtoSchema, { opType, input, output, attribute }));
  }

  cast(tensor: string, to: ElementType): string {
    return this.op('Cast', [tensor], { to });
  }

  /** A constant tensor, one for all uses of a name. `dims` is empty for a scalar. */
  constant(name: string, type: ElementType, values: ArrayLike<number>, dims?: number[]): string {
    const full = this.prefix + name;
    if (!this.constants.has(full)) {
      const typed =
        type === 'INT64'
          ? BigInt64Array.from(Array.from(values), BigInt)
          : ARRAYS[type].from(values);
      const tensor = create(TensorProtoSchema, {
        name: full,
        dataType: TensorProto_DataType[type],
        dims: (dims ?? [values.length]).map(BigInt),
        rawData: new Uint8Array(typed.buffer),
      });
      this.constants.set(full, tensor);
    }
    return full;
  }
}

function attributeOf(name: string, value: AttributeValue): AttributeProto {
  const i = BigInt(typeof value === 'number' ? value : TensorProto_DataType[value]);
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i });
}

/** Describes an input or output of a graph; a side is a length or the name of an open one. */
export function valueInfo(
  name: string,
  type: ElementType,
  shape: (number | string)[],
): ValueInfoProto {
  const dim = shape.map((side) => ({
    value:
      typeof side === 'number'
        ? { case: 'dimValue' as const, value: BigInt(side) }
        : { case: 'dimParam' as const, value: side },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: TensorProto_DataType[type], shape: { dim } },
      },
    },
  });
}

/** An input or output of a graph by its name. Throws an `Error` where it has none of that name. */
export function valueNamed(values: readonly ValueInfoProto[], name: string): ValueInfoProto {
  const value = values.find((one) => one.name === name);
  if (!value) throw new Error(`It has no input or output "${name}".`);
  return value;
}
