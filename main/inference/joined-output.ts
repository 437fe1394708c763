import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type ValueInfoProto } from 'onnx-buf';
import { readModel } from './graph-bytes';
import { GraphWriter, valueInfo, valueNamed } from './graph-writer';
import type { DecoderGraph } from './messages';

/** The output of a graph that gives logits and hidden states side by side, [1, S, vocabulary + width]. */
export const JOINED = 'joined.logits and hidden';

/**
 * A decoder's model, as bytes, that gives its logits and its hidden states as one output, both in single precision: a
 * device is waited for once for every output that is read. Throws an `Error` with a sentence for a graph that gives no
 * hidden states.
 */
export function withJoinedOutput(
  source: Uint8Array,
  { names }: DecoderGraph,
): Uint8Array<ArrayBuffer> {
  const { logits, hidden } = names;
  if (!hidden) throw new Error('It gives no hidden states.');
  const { model, graph } = readModel(source);
  const width = [logits, hidden].reduce(
    (sum, name) => sum + lastSide(valueNamed(graph.output, name)),
    0,
  );
  const writer = new GraphWriter('joined/');
  writer.add('Concat', [logits, hidden], [JOINED], { axis: 2 });
  graph.node.push(...writer.nodes);
  graph.output = [
    ...graph.output.filter(({ name }) => name !== logits && name !== hidden),
    valueInfo(JOINED, 'FLOAT', [1, 'positions', width]),
  ];
  return toBinary(ModelProtoSchema, model);
}

function lastSide({ name, type }: ValueInfoProto): number {
  const sides = type?.value.case === 'tensorType' ? type.value.value.shape?.dim : undefined;
  const last = sides?.at(-1)?.value;
  if (last?.case !== 'dimValue') throw new Error(`It does not say how wide "${name}" is.`);
  return Number(last.value);
}
