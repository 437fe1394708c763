import { readFile, stat } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { FailureError } from '../../contract/failure';
import { CodecDecoder, LARGEST_CHUNK } from './codec';
import type { GraphModel } from './graph-model';
import type { EnginePack, PackTrialCommand } from './messages';
import { closeDecoders, openDecoders } from './models';
import { passage, passageStates } from './passage';
import { objectionToGraph } from './scan/scan-graph';
import { threadsFor } from './session';

/** One message of ONNX's format holds no more; larger weights lie in files beside the graph. */
const MOST_GRAPH_BYTES = 2 ** 31 - 1;

/** A prompt, a block of drafts behind it and a single step: what decoding asks of a decoder. */
const PROMPT = 96;
const BLOCK = 5;

/**
 * Tries a pack that nobody has tried here: every graph is scanned, opened once and run shortly, on the
 * CPU. A graph may take all memory or never end, so this is for a process that can be lost. Calls
 * `tell` with a graph's file before anything is done with it. Throws a `pack` failure.
 */
export async function tryPack(
  { pack, folder, files, voices }: Omit<PackTrialCommand, 'type' | 'memoryBytes'>,
  tell: (file: string) => void,
): Promise<void> {
  const graphs = [pack.target, pack.draft, pack.codecDecoder].map(({ file }) => file);
  for (const file of new Set(graphs)) {
    tell(file);
    await scan(file, folder, files);
  }
  tell(pack.target.file);
  const { target, draft } = await openDecoders(pack, 'cpu');
  try {
    await decodeShortly(target, pack);
    tell(pack.draft.file);
    await decodeShortly(draft, pack);
  } finally {
    await closeDecoders({ target, draft });
  }
  tell(pack.codecDecoder.file);
  await vocodeShortly(pack, voices);
}

async function scan(file: string, folder: string, files: PackTrialCommand['files']): Promise<void> {
  const refuse = (what: string) =>
    new FailureError('pack', `${file} ${what}: the voice pack cannot be used.`);
  if ((await stat(file)).size > MOST_GRAPH_BYTES) throw refuse('is too large to be a graph');
  // ONNX Runtime looks for weights in the folder of the graph.
  const within = relative(folder, dirname(file));
  const prefix = within === '' ? '' : `${within.replaceAll('\\', '/')}/`;
  const beside = Object.entries(files)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, bytes]) => [name.slice(prefix.length), bytes] as const);
  const objection = objectionToGraph(await readFile(file), new Map(beside));
  if (objection !== null) throw refuse(objection);
}

async function decodeShortly(model: GraphModel, pack: EnginePack): Promise<void> {
  const prompt = Math.max(1, Math.min(PROMPT, model.maxLength - BLOCK - 1));
  const tokens = passage(prompt + BLOCK + 1, pack.codebookSize);
  const reads = passageStates(model.featureWidth);
  await model.forward(tokens.slice(0, prompt), reads);
  await model.forward(tokens.slice(prompt, prompt + BLOCK), reads);
  model.rollback(prompt + 1);
  await model.forward(tokens.slice(-1), reads);
}

/** The longest stretch that a take asks for, and a frame in every voice. */
async function vocodeShortly(pack: EnginePack, voices: readonly number[]): Promise<void> {
  const codec = await CodecDecoder.open(pack, threadsFor('codec', 'cpu'));
  try {
    const { before, after } = codec.contextFrames;
    const longest = before + LARGEST_CHUNK + 2 * after;
    await codec.decode(passage(longest, pack.codebookSize), voices[0]);
    for (const voice of voices) await codec.decode([0], voice);
  } finally {
    await codec.release();
  }
}
