import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../contract/failure';
import { apart } from '../apart';
import type { Child } from '../child';
import { replaceCacheFile } from '../disk/cache-file';
import type { EnginePack, TrialCommand, TrialReport } from '../inference/messages';
import type { Manifest } from './manifest';
import { SHIPPED } from './shipped';

/** Of how packs are tried; another number for another way, and every pack is tried again. */
const FORM = 1;

/** What a small pack may take, and what each byte of its graphs adds. */
const DEADLINE_MS = 7_000;
const DEADLINE_MS_PER_MIB = 100;
const MEMORY_BYTES = 512 * 2 ** 20;
const MEMORY_PER_BYTE = 4;
/** However large it is: a file of zeros is cheap to give away. */
const MOST_DEADLINE_MS = 120_000;
const MOST_OF_THE_MEMORY = 0.75;

const MIB = 2 ** 20;

/** A pack whose files are verified. */
export type VerifiedPack = {
  /** Absolute path. */
  folder: string;
  /** Of its manifest. */
  sha256: string;
  manifest: Manifest;
  engine: EnginePack;
};

export type AdmissionOptions = {
  /** Starts the process in which a pack is tried. */
  start: () => Child<TrialCommand, TrialReport>;
  admitted: AdmittedPacks;
};

/**
 * Lets a pack's graphs be opened in this program: a pack that ships with it, one that was tried here
 * before, or one that now stands a trial in a process that can be lost (`inference/pack-trial.ts`). A
 * pack from elsewhere may ask for all memory or never end. Throws a `FailureError` of kind `pack`.
 */
export async function admitPack(
  pack: VerifiedPack,
  { start, admitted }: AdmissionOptions,
): Promise<void> {
  if (SHIPPED.has(pack.sha256) || (await admitted.has(pack.sha256))) return;
  const { engine, folder, manifest } = pack;
  const files = Object.fromEntries(
    Object.entries(manifest.files).map(([name, { bytes }]) => [name, bytes]),
  );
  const bytes = Object.values(files).reduce((sum, size) => sum + size, 0);
  const deadlineMs = Math.min(MOST_DEADLINE_MS, DEADLINE_MS + (DEADLINE_MS_PER_MIB * bytes) / MIB);
  const memoryBytes = Math.min(
    MOST_OF_THE_MEMORY * totalmem(),
    MEMORY_BYTES + MEMORY_PER_BYTE * bytes,
  );
  const voices = manifest.voices.map(({ token }) => token);
  let tried = engine.target.file;
  const answer = (report: TrialReport) => {
    if (report.type === 'trying') tried = report.file;
    return report.type === 'tried' ? report.failure : undefined;
  };
  const command = { type: 'pack', pack: engine, folder, files, voices, memoryBytes } as const;
  const outcome = await apart(start(), command, answer, deadlineMs);
  if (outcome.end === 'answer') {
    if (outcome.value) throw new FailureError('pack', outcome.value.message);
    await admitted.add(pack.sha256);
    return;
  }
  const what =
    outcome.end === 'deadline'
      ? `did not finish a short trial within ${Math.round(deadlineMs / 1000)} s`
      : `ended its trial: it needs more than ${Math.round(memoryBytes / MIB)} MiB or breaks ONNX Runtime`;
  throw new FailureError('pack', `${basename(tried)} ${what}, so the voice pack is not used.`);
}

const Kept = z.array(z.string().max(64)).max(1000);

/** Packs beyond so many are tried again, the oldest first. */
const MOST_KEPT = 64;

/** Packs that stood their trial, in a file of the user's own. */
export class AdmittedPacks {
  private readonly file: string;

  /** `cacheFolder`: the user's. */
  constructor(cacheFolder: string) {
    this.file = join(cacheFolder, 'admitted-packs.json');
  }

  async has(packSha256: string): Promise<boolean> {
    return (await this.read()).includes(keyOf(packSha256));
  }

  /** Where it cannot be written, the next launch tries the pack again. */
  async add(packSha256: string): Promise<void> {
    const key = keyOf(packSha256);
    const others = (await this.read()).filter((other) => other !== key);
    const kept = [...others.slice(1 - MOST_KEPT), key];
    await replaceCacheFile(this.file, JSON.stringify(kept));
  }

  private async read(): Promise<string[]> {
    try {
      return Kept.parse(JSON.parse(await readFile(this.file, 'utf8')));
    } catch {
      return [];
    }
  }
}

/** Another ONNX Runtime may do other things with the same graphs. */
function keyOf(packSha256: string): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
    version: string;
  };
  return createHash('sha256')
    .update(JSON.stringify([FORM, packSha256, version]))
    .digest('hex');
}
