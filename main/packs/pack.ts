import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../contract/failure';
import type { PackSummary } from '../../contract/pack';
import { readWav } from '../audio/wav';
import { groupStatistics } from '../decoding/groups';
import { decodeNeighbours, type NeighbourTable } from '../decoding/neighbours';
import type { EnginePack } from '../inference/messages';
import type { VerifiedPack } from './admission';
import { Manifest } from './manifest';
import { lookAtPlainFile, readPlainFile } from './plain-file';
import { loadDictionary } from './text/dictionary';
import { createFrontEnd, type FrontEnd } from './text/frontend';
import type { VerifiedFiles } from './verified-files';
import { RESTORE, verifyFiles } from './verify';

export const MANIFEST_FILE = 'pack.json';
const MAX_MANIFEST_BYTES = 1 << 20;

const CHOOSE = 'choose a folder that holds a voice pack.';

/** A voice pack that was read and verified. */
export type Pack = VerifiedPack & {
  summary: PackSummary;
  neighbours: NeighbourTable;
  frontEnd: FrontEnd;
  /** What a prompt names the voice by. Throws a `FailureError` for a voice the pack does not have. */
  voiceToken(name: string): number;
  /** A short sentence in the voice. Throws a `FailureError` for a voice the pack does not have. */
  voiceSample(name: string): Promise<{ sampleRate: number; samples: Float32Array }>;
};

type LoadOptions = {
  /** Remembers files that were verified before. */
  verified?: VerifiedFiles;
  /** Called as soon as the files are verified, while the text front end is still being read. */
  onVerified?: (pack: VerifiedPack) => void;
};

/** Reads and verifies the pack in a folder. Throws a `FailureError` of kind `pack`. */
export async function loadPack(folder: string, options: LoadOptions = {}): Promise<Pack> {
  const { home, manifest, sha256 } = await readManifest(folder);
  await verifyFiles(home, manifest.files, options.verified);
  const pack = { folder: home, manifest, sha256, engine: enginePackOf(home, manifest) };
  options.onVerified?.(pack);
  const dictionary = await loadDictionary(manifest.text.dictionary);
  const neighbours = await readNeighbours(home, manifest);
  return {
    ...pack,
    summary: summaryOf(manifest, sha256, neighbours),
    neighbours,
    frontEnd: createFrontEnd(manifest, dictionary),
    voiceToken: (name) => voiceNamed(manifest, name).token,
    async voiceSample(name) {
      const { sample } = voiceNamed(manifest, name);
      return await readSample(join(home, sample), manifest.files[sample].bytes);
    },
  };
}

function voiceNamed({ voices }: Manifest, name: string): Manifest['voices'][number] {
  const voice = voices.find((one) => one.name === name);
  if (voice === undefined) throw new FailureError('usage', `There is no voice "${name}".`);
  return voice;
}

/** A voice's sample, of a pack that may have been taken away or changed since it was loaded. */
async function readSample(
  path: string,
  bytes: number,
): Promise<{ sampleRate: number; samples: Float32Array }> {
  try {
    const seen = await lookAtPlainFile(path, RESTORE);
    if (seen.size !== BigInt(bytes)) throw new Error(`It has ${seen.size} bytes.`);
    const { sampleRate, samples } = readWav(await readPlainFile(path, seen, RESTORE));
    return { sampleRate, samples };
  } catch (error) {
    throw new FailureError('pack', `${path} cannot be played: ${RESTORE}`, { cause: error });
  }
}

/**
 * Reads `pack.json` alone. `home` is the pack's folder, absolute and behind every link. Throws a `FailureError`
 * of kind `pack`.
 */
export async function readManifest(
  folder: string,
): Promise<{ home: string; manifest: Manifest; sha256: string }> {
  const home = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
    const message = `${join(folder, MANIFEST_FILE)} is missing: ${CHOOSE}`;
    throw new FailureError('pack', message, { cause: error });
  });
  const path = join(home, MANIFEST_FILE);
  const seen = await lookAtPlainFile(path, CHOOSE);
  if (seen.size > MAX_MANIFEST_BYTES) {
    throw new FailureError('pack', `${path} is too large to be the manifest of a voice pack.`);
  }
  const bytes = await readPlainFile(path, seen, CHOOSE);
  const manifest = parseManifest(bytes, path);
  return { home, manifest, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function parseManifest(bytes: Buffer, path: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new FailureError('pack', `${path} is not valid JSON: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  const parsed = Manifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue.path.length === 0 ? 'the manifest' : issue.path.join('.');
  throw new FailureError('pack', `${path} cannot be used: ${where}: ${issue.message}.`);
}

async function readNeighbours(folder: string, manifest: Manifest): Promise<NeighbourTable> {
  const path = join(folder, manifest.neighbours.file);
  const refuse = (what: string, cause?: unknown) =>
    new FailureError('pack', `${path} cannot be used: ${what}`, { cause });
  const bytes = await readPlainFile(path, await lookAtPlainFile(path, RESTORE), RESTORE);
  let table: NeighbourTable;
  try {
    table = decodeNeighbours(bytes);
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
  if (table.tokens !== manifest.codebookSize) {
    throw refuse(`it is for ${table.tokens} tokens, the pack has ${manifest.codebookSize}.`);
  }
  if (table.floor !== manifest.neighbours.floor) {
    throw refuse(`its floor is ${table.floor}, the manifest says ${manifest.neighbours.floor}.`);
  }
  return table;
}

function summaryOf(manifest: Manifest, sha256: string, neighbours: NeighbourTable): PackSummary {
  // Whole hundredths, so that no step is lost to rounding.
  const from = Math.ceil(manifest.neighbours.floor * 100 - 1e-9);
  const thetas = Array.from({ length: 101 - from }, (_, i) => (from + i) / 100);
  return {
    id: manifest.id,
    sha256,
    name: manifest.name,
    licence: manifest.licence,
    sampleRate: manifest.sampleRate,
    frameRate: manifest.frameRate,
    ...(manifest.paces ? { paces: manifest.paces.map(({ name }) => name) } : {}),
    codebookSize: manifest.codebookSize,
    voices: manifest.voices.map(({ name, description }) => ({ name, description })),
    thetaFloor: manifest.neighbours.floor,
    defaults: { ...manifest.defaults, theta: manifest.neighbours.defaultTheta },
    groups: thetas.map((theta) => groupStatistics(neighbours, theta)),
  };
}

function enginePackOf(folder: string, manifest: Manifest): EnginePack {
  const { tokens, models } = manifest;
  const at = (file: string) => join(folder, file);
  const decoder = ({
    file,
    layers,
    kvHeads,
    headDim,
    maxLength,
    names,
  }: Manifest['models']['target']) => ({
    file: at(file),
    layers,
    kvHeads,
    headDim,
    maxLength,
    names,
  });
  return {
    id: manifest.id,
    sampleRate: manifest.sampleRate,
    frameRate: manifest.frameRate,
    codebookSize: manifest.codebookSize,
    vocabularySize: tokens.vocabularySize,
    endOfSpeech: tokens.endOfSpeech,
    target: decoder(models.target),
    draft: decoder(models.draft),
    codecDecoder: {
      file: at(models.codecDecoder.file),
      ...models.codecDecoder.names,
      contextFrames: models.codecDecoder.contextFrames,
    },
    neighbours: at(manifest.neighbours.file),
    defaults: manifest.defaults,
  };
}
