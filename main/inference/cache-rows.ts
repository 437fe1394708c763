import { create } from '@bufbuild/protobuf';
import { type GraphProto, GraphProtoSchema, TensorProto_DataType } from 'onnx-buf';
import { CACHE_ROWS, cacheNames } from './caches';
import { readModel, withOtherOutputs } from './graph-bytes';
import { GraphWriter, valueInfo, valueNamed } from './graph-writer';
import type { DecoderGraph } from './messages';

/**
 * A decoder's model, as bytes, that gives the rows it made and not its whole caches: onnxruntime-node
 * copies every output that it hands back, and in Electron into fresh memory each time, so that whole
 * caches cost more than the graph itself once a take is some seconds long.
 * Throws an `Error` with a sentence for a graph that cannot be changed so.
 */
export function withCacheRows(source: Uint8Array, decoder: DecoderGraph): Uint8Array<ArrayBuffer> {
  const { graph } = readModel(source);
  const { seqlensK } = decoder.names;
  const changes = create(GraphProtoSchema, { output: graph.output });
  giveCacheRows(changes, decoder, { first: seqlensK, last: seqlensK });
  return withOtherOutputs(source, changes);
}

/**
 * Replaces a graph's present caches by one output, `CACHE_ROWS`. `first` and `last` name the inputs
 * (positions up to a step's last one, less one) of the step that is fed `input_ids` and of the last.
 */
export function giveCacheRows(
  graph: GraphProto,
  decoder: DecoderGraph,
  { first, last }: { first: string; last: string },
): void {
  const caches = cacheNames(decoder).map(({ present }) => valueNamed(graph.output, present));
  const writer = new GraphWriter('cache/');
  const one = writer.constant('one', 'INT32', [1]);
  const ids = writer.op('Shape', [decoder.names.inputIds]);
  const fed = writer.cast(writer.op('Gather', [ids, writer.constant('S', 'INT64', [1])]), 'INT32');
  const start = writer.op('Sub', [writer.op('Add', [first, one]), fed]);
  const end = writer.op('Add', [last, one]);
  const positions = writer.constant('positions', 'INT32', [2]);
  const rows = caches.map(({ name }) => writer.op('Slice', [name, start, end, positions]));
  writer.add('Concat', rows, [CACHE_ROWS], { axis: 0 });

  const { kvHeads, headDim } = decoder;
  const type = caches[0].type?.value;
  const isHalf =
    type?.case === 'tensorType' && type.value.elemType === TensorProto_DataType.FLOAT16;
  graph.node.push(...writer.nodes);
  graph.initializer.push(...writer.constants.values());
  graph.output = [
    ...graph.output.filter((output) => !caches.includes(output)),
    valueInfo(CACHE_ROWS, isHalf ? 'FLOAT16' : 'FLOAT', [caches.length, kvHeads, 'rows', headDim]),
  ];
}
