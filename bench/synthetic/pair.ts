import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecoderGraph } from '../../main/inference/messages';
import type { DecoderPack } from '../../main/inference/models';
import { type DecoderSize, decoderGraph, GRAPH_NAMES } from './decoder-graph';

export type PairSize = { target: DecoderSize; draft: DecoderSize; maxLength: number };

/** A target of 24 layers × 1024, 306 million weights, and a draft of one layer × 512. */
export const LARGER_PAIR: PairSize = pairOf({
  layers: 24,
  width: 1024,
  heads: 16,
  kvHeads: 4,
  feedForward: 3072,
  vocabulary: 8192,
});

/** That target with a draft of one layer × 512 of its vocabulary. */
export function pairOf(target: DecoderSize): PairSize {
  const { vocabulary } = target;
  const draft = { layers: 1, width: 512, heads: 8, kvHeads: 2, feedForward: 1536, vocabulary };
  return { target, draft, maxLength: 1536 };
}

/** The pair in `folder`, made there unless it is there. A matter of seconds, and of some 200 MB. */
export async function syntheticPair(size: PairSize, folder: string): Promise<DecoderPack> {
  await mkdir(folder, { recursive: true });
  const { maxLength } = size;
  const made = async (decoder: DecoderSize, seed: number): Promise<DecoderGraph> => {
    const { layers, width, kvHeads, feedForward, vocabulary } = decoder;
    const name = `${layers}x${width}-${kvHeads}kv-${feedForward}ff-${vocabulary}v-${maxLength}.onnx`;
    const file = join(folder, name);
    if (!(await stat(file).catch(() => null))) {
      // Whole or not at all.
      await writeFile(`${file}.part`, decoderGraph(decoder, maxLength, seed));
      await rename(`${file}.part`, file);
    }
    return { file, layers, kvHeads, headDim: 64, maxLength, names: GRAPH_NAMES };
  };
  return {
    target: await made(size.target, 1),
    draft: await made(size.draft, 2),
    vocabularySize: size.target.vocabulary,
  };
}
