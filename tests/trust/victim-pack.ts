import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { decoderGraph, GRAPH_NAMES } from '../../bench/synthetic/decoder-graph';
import { encodeWav } from '../../main/audio/wav';
import { buildNeighbours, encodeNeighbours } from '../../main/decoding/neighbours';
import { GraphWriter, valueInfo } from '../../main/inference/graph-writer';
import type { Victim } from '../../main/inference/testing/hostile-graphs';
import { Manifest } from '../../main/packs/manifest';
import { defaultPack } from '../../main/packs/testing/default-pack';

const CODEBOOK = 255;
const VOCABULARY = 256;
const LENGTH = 256;
const WIDTH = 4;
const SAMPLE_RATE = 8000;
const FRAME_RATE = 50;
const SIZE = {
  layers: 1,
  width: 64,
  heads: 1,
  kvHeads: 1,
  feedForward: 64,
  vocabulary: VOCABULARY,
};

/** A graph of the pack that can be replaced. */
export type Role = 'target' | 'draft' | 'codecDecoder';

/** A voice pack of some 200 kB that speaks noise: its manifest and the content of its files. */
export type VictimPack = { manifest: Manifest; contents: Map<string, Uint8Array> };

/** A codec that makes a tone of every token's own loudness. */
function codec(): Uint8Array {
  const writer = new GraphWriter('codec/');
  const samples = SAMPLE_RATE / FRAME_RATE;
  const wave = Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * 5 * i) / samples));
  const loudness = writer.op('Mul', [
    writer.cast('tokens', 'FLOAT'),
    writer.constant('step', 'FLOAT', [0.001]),
  ]);
  const columns = writer.op('Unsqueeze', [loudness, writer.constant('axis', 'INT64', [2])]);
  const waves = writer.op('Mul', [columns, writer.constant('wave', 'FLOAT', wave)]);
  writer.add('Reshape', [waves, writer.constant('flat', 'INT64', [1, -1])], ['audio']);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 17n }],
      graph: {
        name: 'codec',
        node: writer.nodes,
        initializer: [...writer.constants.values()],
        input: [valueInfo('tokens', 'INT64', [1, 'frames'])],
        output: [valueInfo('audio', 'FLOAT', [1, 'samples'])],
      },
    }),
  );
}

/** A whole pack to attack. It is valid and speaks. */
export function victimPack(): VictimPack {
  const manifest = Manifest.parse(structuredClone(defaultPack));
  const [voice] = manifest.voices;
  const decoder = {
    layers: SIZE.layers,
    kvHeads: SIZE.kvHeads,
    headDim: 64,
    maxLength: LENGTH,
    trainedLength: LENGTH,
    names: GRAPH_NAMES,
  };
  Object.assign(manifest, {
    id: 'victim',
    name: 'Victim',
    sampleRate: SAMPLE_RATE,
    frameRate: FRAME_RATE,
    codebookSize: CODEBOOK,
    voices: [{ ...voice, token: 1, sample: 'voice.wav' }],
    paces: undefined,
    tokens: {
      endOfSpeech: CODEBOOK,
      startOfSpeech: 0,
      textBase: 2,
      vocabularySize: VOCABULARY,
      embeddingRows: VOCABULARY,
    },
    models: {
      target: { ...decoder, file: 'target.onnx' },
      draft: { ...decoder, file: 'draft.onnx' },
      codecDecoder: {
        file: 'codec.onnx',
        names: { tokens: 'tokens', audio: 'audio' },
        contextFrames: 0,
      },
    },
    neighbours: {
      ...manifest.neighbours,
      file: 'neighbours.bin',
      floor: 0.2,
      defaultTheta: 0.5,
      madeFrom: { ...manifest.neighbours.madeFrom, width: WIDTH },
    },
  });
  manifest.text.framesPerSymbol = 1;
  manifest.text.framesPerPiece = 2;
  const values = Int8Array.from({ length: CODEBOOK * WIDTH }, (_, i) => ((i * 37) % 101) - 50);
  const table = buildNeighbours({ tokens: CODEBOOK, width: WIDTH, values }, 0.2);
  const contents = new Map<string, Uint8Array>([
    ['target.onnx', decoderGraph(SIZE, LENGTH, 1)],
    ['draft.onnx', decoderGraph(SIZE, LENGTH, 2)],
    ['codec.onnx', codec()],
    ['neighbours.bin', encodeNeighbours(table)],
    [
      'voice.wav',
      encodeWav({ format: 'int16', samples: new Int16Array([0, 100, -100]) }, SAMPLE_RATE),
    ],
  ]);
  return { manifest, contents };
}

/** What a hostile graph takes the place of. */
export function victimOf({ manifest, contents }: VictimPack, role: Role): Victim {
  const { tokens, models } = manifest;
  const bytes = contents.get(models[role].file) as Uint8Array;
  const { vocabularySize, endOfSpeech } = tokens;
  const facts = { bytes, vocabularySize, endOfSpeech };
  return role === 'codecDecoder'
    ? { ...facts, kind: 'codec', input: 'tokens', output: 'audio' }
    : { ...facts, kind: role, input: GRAPH_NAMES.inputIds, output: GRAPH_NAMES.logits };
}

/**
 * Writes the pack into a new folder, with other content of some files, each listed with its true size and hash.
 */
export async function writePack(
  { manifest, contents }: VictimPack,
  folder: string,
  other: Record<string, Uint8Array> = {},
): Promise<void> {
  const files: Manifest['files'] = {};
  for (const [name, content] of new Map([...contents, ...Object.entries(other)])) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    // A manifest lists no empty file, and an attacker's hash fits.
    files[name] = { bytes: Math.max(1, content.length), sha256 };
  }
  await writeFile(join(folder, 'pack.json'), JSON.stringify({ ...manifest, files }));
}
