import { fromBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataLocation,
} from 'onnx-buf';

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
