import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { apart } from '../apart';
import type { Child } from '../child';
import { makeFolder } from '../disk/make-folder';
import type { CopyCommand, CopyReport, EnginePack, PackGraphs } from '../inference/messages';
import { VerifiedFiles } from './verified-files';

export type StartCopying = () => Child<CopyCommand, CopyReport>;

/** Copies take a second or two; more than this is a hang. */
const DEADLINE_MS = 60_000;

/** Of how copies are made; another number for another way. */
const FORM = 3;

/**
 * Copies of a pack's graphs whose weights are mapped when they are opened. They lie beside the pack,
 * or in the user's cache folder where that cannot be written, under the hash of all that they hang
 * on. Only files that this user made and nobody wrote to since are used: their times and places are
 * kept as those of verified files are.
 */
export class MappedCopies {
  private readonly made: VerifiedFiles;
  /** Where copies may lie, the best place first. */
  private readonly places: readonly string[];
  private readonly key: string;

  /**
   * `cacheFolder`: the user's. `besidePack` is false for a pack that is part of an installed program.
   */
  constructor(pack: { folder: string; sha256: string }, cacheFolder: string, besidePack = true) {
    this.key = copyKey(pack.sha256);
    this.made = new VerifiedFiles(join(cacheFolder, 'mapped-copies.json'));
    this.places = [
      ...(besidePack ? [`${pack.folder}.mapped`] : []),
      join(cacheFolder, 'mapped', hashOf(pack.folder).slice(0, 16)),
    ];
  }

  /** The pack with its copies, or as it is where there are none to be used. */
  async find(pack: EnginePack): Promise<EnginePack> {
    const folder = await this.whole(pack);
    if (folder === null) return pack;
    const copied = <Graph extends { file: string }>(graph: Graph) => ({
      ...graph,
      mapped: join(folder, basename(graph.file)),
    });
    return {
      ...pack,
      target: copied(pack.target),
      draft: copied(pack.draft),
      codecDecoder: copied(pack.codecDecoder),
    };
  }

  /**
   * Makes copies where there are none to be used, in a process of their own, and removes those of an
   * earlier pack or program. Gives one sentence where it fails: the next launch tries again.
   */
  async make(pack: EnginePack, start: StartCopying): Promise<string | null> {
    if (!haveOwnCopies(pack)) return null;
    if ((await this.whole(pack)) !== null) return null;
    for (const place of this.places) {
      const part = await newPartIn(place).catch(() => null);
      if (part === null) continue;
      try {
        const { target, draft, codecDecoder } = pack;
        await copyApart(start, { graphs: { target, draft, codecDecoder }, folder: part });
        await this.keep(place, part);
        return null;
      } catch (error) {
        await rm(part, { recursive: true, force: true });
        return `The pack’s graphs could not be prepared: ${(error as Error).message}`;
      }
    }
    return 'The pack’s graphs could not be prepared: neither its folder nor the cache can be written.';
  }

  private async keep(place: string, part: string): Promise<void> {
    const folder = join(place, this.key);
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
    await this.made.load();
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      this.made.remember(path, await lstat(path, { bigint: true }), this.key);
    }
    await this.made.save();
    for (const name of await readdir(place)) {
      if (name === this.key || !OWN_NAME.test(name)) continue;
      // A file that another process still maps cannot be removed everywhere.
      await rm(join(place, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** The folder of copies that are all there and as they were made, or null. */
  private async whole(pack: EnginePack): Promise<string | null> {
    if (!haveOwnCopies(pack)) return null;
    await this.made.load();
    for (const place of this.places) {
      const folder = join(place, this.key);
      const names: string[] = await readdir(folder).catch(() => []);
      const known = await Promise.all(names.map((name) => this.isAsMade(join(folder, name))));
      const isThere = filesOf(pack).every((graph) => names.includes(basename(graph)));
      if (isThere && known.every(Boolean)) return folder;
    }
    return null;
  }

  private async isAsMade(path: string): Promise<boolean> {
    const found = await lstat(path, { bigint: true }).catch(() => null);
    return found?.isFile() === true && this.made.knows(path, found, this.key);
  }
}

/** Folders that are made here: of a key, or of copies that are not whole yet. */
const OWN_NAME = /^(?:[0-9a-f]{64}|part-[0-9A-Za-z]{6})$/;

/**
 * A new folder in `place`, or null where that is a link: one may come with a pack and lead to anything of the
 * user's.
 */
async function newPartIn(place: string): Promise<string | null> {
  await makeFolder(place);
  if (!(await lstat(place)).isDirectory()) return null;
  return await mkdtemp(join(place, 'part-'));
}

/**
 * Whether each graph's copy has names of its own. Copies lie in one folder, their weights beside them, where one
 * of `a/model.onnx` would be written over that of `b/model.onnx`.
 */
function haveOwnCopies(pack: EnginePack): boolean {
  const names = [...new Set(filesOf(pack))].flatMap((file) => {
    const name = basename(file).toLowerCase();
    return [name, `${name}.weights`];
  });
  return new Set(names).size === names.length;
}

function filesOf({ target, draft, codecDecoder }: PackGraphs): string[] {
  return [target.file, draft.file, codecDecoder.file];
}

/** In a process that can be lost. Rejects with a sentence. */
async function copyApart(start: StartCopying, command: CopyCommand): Promise<void> {
  const answer = ({ failure }: CopyReport) => failure;
  const outcome = await apart(start(), command, answer, DEADLINE_MS);
  if (outcome.end === 'deadline') throw new Error('it took too long.');
  if (outcome.end === 'death') throw new Error('the process that does it ended.');
  if (outcome.value) throw new Error(outcome.value.message);
}

/**
 * Hash of all that copies hang on: the pack, whose manifest has every file's hash, onnxruntime, and
 * the processor, for whose instructions weights are laid out.
 */
function copyKey(packSha256: string): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
    version: string;
  };
  const facts = [FORM, packSha256, version, process.platform, process.arch, cpus()[0]?.model];
  return hashOf(JSON.stringify([...facts, instructions()]));
}

/** What Linux says of a processor's instructions, which the same name may hide; null elsewhere. */
function instructions(): string | null {
  try {
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    return text.match(/^(?:flags|Features)\s*:.*$/m)?.[0] ?? null;
  } catch {
    return null;
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
