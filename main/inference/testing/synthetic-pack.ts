import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { buildNeighbours, encodeNeighbours } from '../../decoding/neighbours';
import type { DecoderGraph, EnginePack, SpeakRequest } from '../messages';

const data = (name: string) =>
  fileURLToPath(new URL(`../../../tests/data/${name}`, import.meta.url));

export const VOCABULARY = 96;

/** A decoder with random weights, here with a cache of 64 positions; the graph can do with 320. */
export const syntheticDecoder: DecoderGraph = {
  file: data('synthetic-decoder.onnx'),
  layers: 2,
  kvHeads: 2,
  headDim: 16,
  maxLength: 64,
  names: {
    inputIds: 'input_ids',
    seqlensK: 'seqlens_k',
    totalSequenceLength: 'total_sequence_length',
    pastKey: 'past_key.{layer}',
    pastValue: 'past_value.{layer}',
    logits: 'logits',
    presentKey: 'present_key.{layer}',
    presentValue: 'present_value.{layer}',
  },
};

/** A pack that drafts for itself, never ends by itself and babbles at 400 Hz, until the test is over. */
export async function syntheticPack(): Promise<EnginePack> {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-synthetic-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const values = Int8Array.from({ length: 4 * VOCABULARY }, (_, i) => ((i * 37) % 101) - 50);
  const table = buildNeighbours({ tokens: VOCABULARY, width: 4, values }, 0.5);
  const neighbours = join(folder, 'neighbours.bin');
  await writeFile(neighbours, encodeNeighbours(table));
  return {
    id: 'synthetic',
    sampleRate: 400,
    frameRate: 50,
    codebookSize: VOCABULARY,
    vocabularySize: VOCABULARY,
    endOfSpeech: -1,
    target: syntheticDecoder,
    draft: syntheticDecoder,
    codecDecoder: {
      file: data('synthetic-codec.onnx'),
      tokens: 'tokens',
      audio: 'audio',
      voice: 'voice',
      contextFrames: { before: 2, after: 1 },
    },
    neighbours,
    defaults: { temperature: 0.8, lookahead: 3, topP: 1 },
  };
}

/** A request that the synthetic pack can speak, plainly unless changed. */
export const syntheticRequest: SpeakRequest = {
  pieces: [{ text: 'Da da da.', prompt: [5, 17, 40, 9, 90], voice: 9, expectedFrames: 40 }],
  gapFrames: 10,
  method: 'plain',
  theta: 0.9,
  lookahead: 3,
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 7,
};
