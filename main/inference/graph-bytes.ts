import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataLocation,
} from 'onnx-buf';

const GRAPH = ModelProtoSchema.field.graph.number;
const OUTPUT = GraphProtoSchema.field.output.number;

/**
 * A model that is to be changed, with its graph. Throws an `Error` with a sentence where it has none, or
 * is not whole: bytes have no folder that a file of weights could lie in.
 */
export function readModel(source: Uint8Array): { model: ModelProto; graph: GraphProto } {
  const model = fromBinary(ModelProtoSchema, source);
  const { graph } = model;
  if (!graph) throw new Error('It holds no graph.');
  if (graph.initializer.some((one) => one.dataLocation === TensorProto_DataLocation.EXTERNAL)) {
    throw new Error('It keeps weights in a file beside it.');
  }
  return { model, graph };
}

/** A field of a message: all its bytes, its tag included, and what it holds where that has a length. */
type Field = { number: number; bytes: Uint8Array; content: Uint8Array | null };

/**
 * A model, as bytes, whose graph has other outputs, and what `added` holds besides. Everything else is
 * handed on as it stands: writing a model anew takes several times the memory of its weights.
 */
export function withOtherOutputs(model: Uint8Array, added: GraphProto): Uint8Array<ArrayBuffer> {
  // Fields that come again are added to those before.
  const more = toBinary(GraphProtoSchema, added);
  const parts = fieldsOf(model).flatMap(({ number, bytes, content }) => {
    if (number !== GRAPH || content === null) return [bytes];
    const kept = fieldsOf(content).filter((field) => field.number !== OUTPUT);
    const graph = [...kept.map((field) => field.bytes), more];
    const head = new BinaryWriter().tag(GRAPH, WireType.LengthDelimited).uint32(sizeOf(graph));
    return [head.finish(), ...graph];
  });
  const whole = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function fieldsOf(message: Uint8Array): Field[] {
  const reader = new BinaryReader(message);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const content = wireType === WireType.LengthDelimited ? reader.bytes() : null;
    if (content === null) reader.skip(wireType, number);
    fields.push({ number, bytes: message.subarray(start, reader.pos), content });
  }
  return fields;
}

const sizeOf = (parts: Uint8Array[]) => parts.reduce((size, { length }) => size + length, 0);
