import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphProto } from 'onnx-buf';
import { GraphWriter, valueInfo } from '../graph-writer';
import type { DecoderGraph } from '../messages';
import { withGraph } from './changed-decoder';
import { syntheticDecoder } from './synthetic-pack';

/** Numbers of a hidden state of the synthetic decoder. */
export const WIDTH = 64;

/** What the synthetic decoder's head makes logits of, and the embeddings of its tokens. */
const BEFORE_HEAD = 'layer1_x2';
const EMBEDDED = 'embedded';

/** The synthetic decoder giving its hidden states, and one that adds features to its embeddings. */
export type FeaturePair = {
  target: DecoderGraph;
  draft: DecoderGraph;
  remove: () => Promise<void>;
};

export async function featurePair(): Promise<FeaturePair> {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-features-'));
  const write = async (name: string, bytes: Uint8Array, names: Partial<DecoderGraph['names']>) => {
    const file = join(folder, name);
    await writeFile(file, bytes);
    return { ...syntheticDecoder, file, names: { ...syntheticDecoder.names, ...names } };
  };
  const hidden = { hidden: 'hidden' };
  return {
    target: await write('target.onnx', withGraph(giveHidden), hidden),
    draft: await write('draft.onnx', withGraph(readFeatures), { ...hidden, features: 'features' }),
    remove: () => rm(folder, { recursive: true }),
  };
}

function giveHidden(graph: GraphProto): void {
  const writer = new GraphWriter('test/');
  writer.add('Identity', [BEFORE_HEAD], ['hidden']);
  graph.node.push(...writer.nodes);
  graph.output.push(valueInfo('hidden', 'FLOAT', [1, 'positions', WIDTH]));
}

function readFeatures(graph: GraphProto): void {
  giveHidden(graph);
  const sum = 'embedding and features';
  for (const node of graph.node) {
    node.input = node.input.map((name) => (name === EMBEDDED ? sum : name));
  }
  const writer = new GraphWriter('test/');
  writer.add('Add', [EMBEDDED, 'features'], [sum]);
  const made = graph.node.findIndex(({ output }) => output.includes(EMBEDDED));
  graph.node.splice(made + 1, 0, ...writer.nodes);
  graph.input.push(valueInfo('features', 'FLOAT', [1, 'positions', WIDTH]));
}
