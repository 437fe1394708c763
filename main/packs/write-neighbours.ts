import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FailureError } from '../../contract/failure';
import { replaceFile } from '../audio/durable-file';
import { buildNeighbours, encodeNeighbours } from '../decoding/neighbours';
import type { Manifest } from './manifest';
import { MANIFEST_FILE, readManifest } from './pack';

export type NeighboursRequest = {
  folder: string;
  /** [codebook × width] */
  table: Int8Array;
  /** Left out, these stay as the manifest has them. */
  width?: number;
  floor?: number;
};

/**
 * Builds the neighbour table of a pack, writes it and puts its hash into the manifest, which is
 * returned. Throws a `FailureError`: `usage` for a table of another size, `pack`, `storage`.
 */
export async function writeNeighbours(request: NeighboursRequest): Promise<Manifest> {
  const { folder, table } = request;
  const { manifest } = await readManifest(folder);
  const { codebookSize, neighbours, files } = manifest;
  const width = request.width ?? neighbours.madeFrom.width;
  if (table.length !== codebookSize * width) {
    throw new FailureError(
      'usage',
      `The table holds ${table.length} numbers, but ${codebookSize} tokens × ${width} are needed: pass the right file and --width.`,
    );
  }
  neighbours.floor = request.floor ?? neighbours.floor;
  neighbours.defaultTheta = Math.max(neighbours.defaultTheta, neighbours.floor);
  neighbours.madeFrom = { ...neighbours.madeFrom, width, sha256: sha256(table) };
  const rows = { tokens: codebookSize, width, values: table };
  const bytes = encodeNeighbours(buildNeighbours(rows, neighbours.floor));
  files[neighbours.file] = { bytes: bytes.length, sha256: sha256(bytes) };
  await replaceFile(join(folder, neighbours.file), bytes);
  await replaceFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 1)}\n`);
  return manifest;
}

const sha256 = (bytes: Uint8Array | Int8Array): string =>
  createHash('sha256').update(bytes).digest('hex');
