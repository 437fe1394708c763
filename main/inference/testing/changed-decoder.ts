import { readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { syntheticDecoder } from './synthetic-pack';

/** The synthetic decoder's model, as bytes. */
export const source = readFileSync(syntheticDecoder.file);

/** The same with a change in it. */
export function changed(change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, source);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

/** The same with a change in its graph. */
export function withGraph(change: (graph: GraphProto) => void): Uint8Array {
  return changed(({ graph }) => graph && change(graph));
}
