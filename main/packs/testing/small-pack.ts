import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { encodeWav } from '../../audio/wav';
import { buildNeighbours, encodeNeighbours } from '../../decoding/neighbours';
import { Manifest } from '../manifest';
import { defaultPack } from './default-pack';

export const SMALL_CODEBOOK = 12;
export const SMALL_WIDTH = 4;

/** Rows of a group table, [SMALL_CODEBOOK × SMALL_WIDTH]. */
export const smallTable = Int8Array.from(
  { length: SMALL_CODEBOOK * SMALL_WIDTH },
  (_, i) => ((i * 37) % 101) - 50,
);

/**
 * A valid manifest of the default pack's kind, with a codebook of twelve tokens and its groups'
 * thresholds and its samples where tests can count on them.
 */
export function smallManifest(): Manifest {
  const manifest = Manifest.parse(structuredClone(defaultPack));
  manifest.codebookSize = SMALL_CODEBOOK;
  manifest.neighbours = {
    ...manifest.neighbours,
    floor: 0.2,
    defaultTheta: 0.35,
    madeFrom: { ...manifest.neighbours.madeFrom, width: SMALL_WIDTH },
  };
  for (const voice of manifest.voices) {
    const moved = `samples/${voice.name}.wav`;
    manifest.files[moved] = manifest.files[voice.sample];
    delete manifest.files[voice.sample];
    voice.sample = moved;
  }
  return manifest;
}

/** Writes a pack with placeholders for graphs into a new folder, until the test is over. */
export async function writeSmallPack(manifest = smallManifest()): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'timbrel-pack-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const folder = join(parent, 'pack');
  const rows = { tokens: SMALL_CODEBOOK, width: SMALL_WIDTH, values: smallTable };
  const neighbours = encodeNeighbours(buildNeighbours(rows, manifest.neighbours.floor));
  const sample = encodeWav(
    { format: 'int16', samples: new Int16Array([0, 100, -100]) },
    manifest.sampleRate,
  );
  for (const name of Object.keys(manifest.files)) {
    const bytes = contentOf(name);
    manifest.files[name] = {
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  await writeFile(join(folder, 'pack.json'), JSON.stringify(manifest));
  return folder;

  function contentOf(name: string): Uint8Array {
    if (name === manifest.neighbours.file) return neighbours;
    return name.endsWith('.wav') ? sample : Buffer.from(`the contents of ${name}`);
  }
}
