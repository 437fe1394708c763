import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../contract/failure';
import type { Round } from '../../contract/rounds';
import { Take } from '../../contract/take';
import { replaceFile } from '../audio/durable-file';
import { encodeAs16 } from '../audio/export';
import { fileName } from '../audio/file-name';
import { GrowingWav } from '../audio/growing-wav';
import { errorCode, storageFailure } from '../audio/storage-failure';
import { readWav } from '../audio/wav';
import { noCounts } from '../decoding/counters';
import { makeFolder } from '../disk/make-folder';
import { loadTakes, type SetAside } from './load';
import { TakeRecorder } from './recorder';
import { RoundsFile, readRounds } from './rounds-file';
import { TakeFile } from './take-file';
import { roundsPath, wavPath } from './take-folder';
import { takeId, timestamp } from './take-id';

/** What a take is before anything of it is generated. */
export type TakeDraft = Pick<
  Take,
  'name' | 'pair' | 'text' | 'settings' | 'pack' | 'device' | 'meanGroupSize' | 'pronunciations'
> & {
  /** From `newId`, where the id had to be known before; else one is made. */
  id?: string;
};

export type TakesOptions = {
  now: () => Date;
  /** Uniform in [0, 1), for ids. */
  random: () => number;
  /** The longest that a growing take's counters stay off the disk. */
  refreshMs: number;
  /** Of Timbrel, for the tags of dragged copies. */
  version: string;
};

/** Mono samples, ±1, at `sampleRate` Hz. */
export type Sound = { sampleRate: number; samples: Float32Array };

const REMOVED = '.removed';

/**
 * Opens the takes kept in `folder`, a folder a take. Takes whose generation was cut off become
 * `interrupted` and keep the sound they have; removed takes are gone now. One store a folder: a
 * second one would take the first one's growing takes for cut off.
 */
export async function openTakes(
  folder: string,
  options: Partial<TakesOptions> = {},
): Promise<TakeStore> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw storageFailure(error, folder);
  }
  // Where nothing can be deleted, takes can be heard all the same.
  await rm(join(folder, REMOVED), { recursive: true, force: true }).catch(() => undefined);
  const { takes, setAside } = await loadTakes(folder);
  return new TakeStore(folder, takes, setAside, {
    now: () => new Date(),
    random: Math.random,
    refreshMs: 1000,
    version: '',
    ...options,
  });
}

/** The takes of a folder. Every failure is a `FailureError`: `usage` for an unknown id, or `storage`. */
export class TakeStore {
  readonly #takes = new Map<string, TakeFile>();
  readonly #removed = new Map<string, TakeFile>();
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly folder: string,
    takes: Take[],
    /** What could not be read when the store was opened; nothing of it was deleted. */
    readonly setAside: readonly SetAside[],
    private readonly options: TakesOptions,
  ) {
    for (const take of takes) this.#takes.set(take.id, new TakeFile(this.#home(take.id), take));
  }

  /** An id that no take has. */
  newId(): string {
    for (;;) {
      const id = takeId(this.options.now(), this.options.random);
      if (!this.#takes.has(id) && !this.#removed.has(id)) return id;
    }
  }

  /** `take.json` is on the disk when this resolves. */
  async begin({ id = this.newId(), ...draft }: TakeDraft): Promise<TakeRecorder> {
    const home = this.#home(id);
    const file = new TakeFile(home, {
      schema: 1,
      id,
      createdAt: timestamp(this.options.now()),
      starred: false,
      status: 'generating',
      problem: null,
      counters: noCounts(),
      frames: 0,
      pieces: [],
      notices: [],
      wallMs: 0,
      firstSoundMs: null,
      plainTokensPerSecond: null,
      ...draft,
    });
    try {
      await mkdir(home, { mode: 0o700 });
    } catch (error) {
      throw storageFailure(error, this.folder);
    }
    try {
      await file.save();
      const wav = await GrowingWav.create(wavPath(home), draft.pack.sampleRate);
      const rounds = await RoundsFile.create(roundsPath(home)).catch(async (error) => {
        await wav.close();
        throw error;
      });
      this.#takes.set(id, file);
      this.#changed();
      return new TakeRecorder({ take: file, wav, rounds }, this.options.refreshMs, () =>
        this.#changed(),
      );
    } catch (error) {
      await rm(home, { recursive: true, force: true }).catch(() => undefined);
      throw storageFailure(error, this.folder);
    }
  }

  /** Newest first. */
  list(): Take[] {
    return [...this.#takes.values()].map((file) => file.take).sort(newestFirst);
  }

  has(id: string): boolean {
    return this.#takes.has(id);
  }

  get(id: string): Take {
    return this.#file(id).take;
  }

  rename(id: string, name: string): Promise<Take> {
    return this.#edit(id, { name });
  }

  star(id: string, starred: boolean): Promise<Take> {
    return this.#edit(id, { starred });
  }

  /** Sets the take aside until the store is opened again; `restore` brings it back. */
  async remove(id: string): Promise<void> {
    const file = this.#file(id);
    if (file.take.status === 'generating') {
      throw new FailureError('usage', 'This take is still being generated: cancel it first.');
    }
    try {
      await file.idle();
      await makeFolder(join(this.folder, REMOVED));
      await rename(this.#home(id), join(this.folder, REMOVED, id));
    } catch (error) {
      throw storageFailure(error, this.folder);
    }
    this.#takes.delete(id);
    this.#removed.set(id, file);
    this.#changed();
  }

  async restore(id: string): Promise<Take> {
    const file = this.#removed.get(id);
    if (!file) throw unknownTake(id);
    try {
      await rename(join(this.folder, REMOVED, id), this.#home(id));
    } catch (error) {
      throw storageFailure(error, this.folder);
    }
    this.#removed.delete(id);
    this.#takes.set(id, file);
    this.#changed();
    return file.take;
  }

  /** What there is so far, for a take that is still being generated. */
  async readSound(id: string): Promise<Sound> {
    const { take } = this.#file(id);
    let bytes: Buffer;
    try {
      bytes = await readFile(this.wavPath(id));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw storageFailure(error, this.#home(id));
      throw new FailureError(
        'storage',
        `The sound of “${take.name}” is gone from ${this.#home(id)}: generate it again.`,
        { cause: error },
      );
    }
    const { sampleRate, samples } = readWav(bytes);
    return { sampleRate, samples };
  }

  readRounds(id: string): Promise<Round[]> {
    this.#file(id);
    return readRounds(roundsPath(this.#home(id)));
  }

  /** Of the take's own file, 32-bit float at the pack's rate. */
  wavPath(id: string): string {
    this.#file(id);
    return wavPath(this.#home(id));
  }

  /**
   * Writes a 16-bit copy, named after the take, into a folder of its own inside `folder`, and
   * returns its path. The same take and name give the same path.
   */
  async wavForDrag(id: string, folder: string): Promise<string> {
    const { take } = this.#file(id);
    const { samples, sampleRate } = await this.readSound(id);
    const path = join(folder, id, fileName(take.name, '.wav'));
    try {
      await makeFolder(join(folder, id));
    } catch (error) {
      throw storageFailure(error, folder);
    }
    await replaceFile(path, encodeAs16(take, samples, sampleRate, this.options.version));
    return path;
  }

  /** Calls `listener` after takes came, went, ended or were renamed; returns the off switch. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #edit(id: string, change: Partial<Take>): Promise<Take> {
    const take = await this.#file(id).edit(change);
    this.#changed();
    return take;
  }

  #file(id: string): TakeFile {
    const file = this.#takes.get(id);
    if (!file) throw unknownTake(id);
    return file;
  }

  #home(id: string): string {
    return join(this.folder, Take.shape.id.parse(id));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function unknownTake(id: string): FailureError {
  return new FailureError('usage', `There is no take ${id}: it may have been removed.`);
}

function newestFirst(a: Take, b: Take): number {
  return byCode(b.createdAt, a.createdAt) || byCode(b.id, a.id);
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
