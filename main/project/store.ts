import { access } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { FailureError } from '../../contract/failure';
import type { Line, Project } from '../../contract/project';
import { replaceFile } from '../audio/durable-file';
import { storageFailure } from '../audio/storage-failure';
import { refuseToReplace } from '../disk/regular-file';
import { lockProject } from './lock';
import { backupPath, encodeProject, readProject, type StoredProject } from './project-file';

/** What a save makes of the lines that are there, and of those that were sent before it. */
export type ProjectChange = {
  /** Ids of all lines; null where they and their order are as they were. */
  order: readonly string[] | null;
  pronunciations: Project['pronunciations'];
};

/**
 * An open project. Saves never overlap and the newest state wins; before the file is replaced, the
 * state it held becomes the backup, so that one of both can be read whenever the process is killed.
 * Lines are kept as JSON: only those that change are ever made of it, or into it.
 */
export class ProjectStore {
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;
  #isLost = false;
  #release: () => Promise<void> = async () => undefined;
  #pronunciations: Project['pronunciations'];
  #lines: Map<string, string>;
  #order: readonly string[];

  private constructor(
    readonly path: string,
    { pronunciations, lines }: StoredProject,
    /** What the user should know of how it was opened. */
    readonly notice: string | null,
    /** What the file is known to hold; null when it must not become the backup. */
    private good: Buffer | null,
  ) {
    this.#pronunciations = pronunciations;
    this.#lines = lines;
    this.#order = [...lines.keys()];
  }

  /**
   * Opens the project at `path` and keeps others from writing it. Throws a `FailureError`: `usage`
   * when another instance has it or a later version made it, `storage` when it cannot be read or is
   * no regular file.
   */
  static async open(path: string): Promise<ProjectStore> {
    return ProjectStore.#locked(path, async () => {
      const { project, bytes, notice } = await readProject(path);
      // What was read from the backup stays the backup until a save is whole.
      return new ProjectStore(path, project, notice, notice === null ? bytes : null);
    });
  }

  /** Makes an empty project; one that is there is replaced and becomes the backup's. */
  static async create(path: string): Promise<ProjectStore> {
    return ProjectStore.#locked(path, async () => {
      const replaced = await access(path).then(
        () => readProject(path).catch(() => null),
        () => null,
      );
      const empty = { pronunciations: [], lines: new Map() };
      const store = new ProjectStore(path, empty, null, replaced?.bytes ?? null);
      await store.save({ order: [], pronunciations: [] });
      return store;
    });
  }

  static async #locked(path: string, make: () => Promise<ProjectStore>): Promise<ProjectStore> {
    await access(dirname(path)).catch((error) => {
      throw storageFailure(error, dirname(path));
    });
    // Found before it is worked on rather than when it is saved.
    await refuseToReplace(path);
    let lost = () => {};
    const release = await lockProject(path, () => lost());
    try {
      const store = await make();
      store.#release = release;
      lost = () => {
        store.#isLost = true;
      };
      return store;
    } catch (error) {
      await release();
      throw error;
    }
  }

  get pronunciations(): Project['pronunciations'] {
    return this.#pronunciations;
  }

  /** How many lines there are. */
  get size(): number {
    return this.#order.length;
  }

  /** All of it, made of JSON anew. */
  get project(): Project {
    const lines: Line[] = JSON.parse(this.linesFrom(0, this.size));
    return { schema: 1, pronunciations: this.#pronunciations, lines };
  }

  /** Lines from the place `from` on, `most` at the most, as the JSON of an array of `Line`. */
  linesFrom(from: number, most: number): string {
    return `[${this.#texts(from, from + most).join()}]`;
  }

  /** Takes lines that are new or have changed, for the next save. */
  stage(lines: readonly Line[]): void {
    for (const line of lines) this.#lines.set(line.id, JSON.stringify(line));
  }

  /**
   * Resolves when the change, or a later one, is on the disk. Throws a `usage` failure for a line
   * that was never sent.
   */
  save({ order, pronunciations }: ProjectChange): Promise<void> {
    if (order !== null) {
      const isWhole = new Set(order).size === order.length;
      if (!isWhole || order.some((id) => !this.#lines.has(id))) {
        throw new FailureError('usage', 'Lines of the project are missing: save it once more.');
      }
      this.#order = order;
    }
    this.#pronunciations = pronunciations;
    this.#queued ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#queued = null;
        return this.#write();
      });
    this.#last = this.#queued;
    return this.#last;
  }

  /** Waits for saves under way and lets others open the project. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#release();
  }

  #texts(from: number, to: number): string[] {
    return this.#order.slice(from, to).map((id) => this.#lines.get(id) as string);
  }

  async #write(): Promise<void> {
    if (this.#isLost) {
      throw new FailureError(
        'storage',
        `Another Timbrel has opened ${basename(this.path)} meanwhile, so nothing more is saved here: open it again.`,
      );
    }
    const order = this.#order;
    const bytes = await encodeProject(this.#pronunciations, this.#texts(0, order.length));
    if (this.good?.equals(bytes)) return;
    if (this.good !== null) await replaceFile(backupPath(this.path), this.good);
    await replaceFile(this.path, bytes);
    this.good = bytes;
    // What was removed is let go; a save that failed may still be asked for it.
    if (order !== this.#order || this.#lines.size === order.length) return;
    this.#lines = new Map(order.map((id) => [id, this.#lines.get(id) as string]));
  }
}
