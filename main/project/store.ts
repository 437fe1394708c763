import { access } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { FailureError } from '../../contract/failure';
import type { Project } from '../../contract/project';
import { replaceFile } from '../audio/durable-file';
import { storageFailure } from '../audio/storage-failure';
import { lockProject } from './lock';
import { backupPath, EMPTY_PROJECT, encodeProject, readProject } from './project-file';

/**
 * An open project. Saves never overlap and the newest state wins; before the file is replaced, the
 * state it held becomes the backup, so that one of both can be read whenever the process is killed.
 */
export class ProjectStore {
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;
  #isLost = false;

  private constructor(
    readonly path: string,
    public project: Project,
    /** What the user should know of how it was opened. */
    readonly notice: string | null,
    /** What the file is known to hold; null when it must not become the backup. */
    private good: string | null,
  ) {}

  #release: () => Promise<void> = async () => undefined;

  /**
   * Opens the project at `path` and keeps others from writing it. Throws a `FailureError`: `usage`
   * when another instance has it or a later version made it, `storage` when it cannot be read.
   */
  static async open(path: string): Promise<ProjectStore> {
    return ProjectStore.#locked(path, async () => {
      const { project, text, notice } = await readProject(path);
      // What was read from the backup stays the backup until a save is whole.
      return new ProjectStore(path, project, notice, notice === null ? text : null);
    });
  }

  /** Makes an empty project; one that is there is replaced and becomes the backup's. */
  static async create(path: string): Promise<ProjectStore> {
    return ProjectStore.#locked(path, async () => {
      const replaced = await access(path).then(
        () => readProject(path).catch(() => null),
        () => null,
      );
      const store = new ProjectStore(path, EMPTY_PROJECT, null, replaced?.text ?? null);
      await store.save(EMPTY_PROJECT);
      return store;
    });
  }

  static async #locked(path: string, make: () => Promise<ProjectStore>): Promise<ProjectStore> {
    await access(dirname(path)).catch((error) => {
      throw storageFailure(error, dirname(path));
    });
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

  /** Resolves when `project`, or a later state, is on the disk. */
  save(project: Project): Promise<void> {
    this.project = project;
    this.#queued ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#queued = null;
        return this.#write(encodeProject(this.project));
      });
    this.#last = this.#queued;
    return this.#last;
  }

  /** Waits for saves under way and lets others open the project. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#release();
  }

  async #write(text: string): Promise<void> {
    if (this.#isLost) {
      throw new FailureError(
        'storage',
        `Another Timbrel has opened ${basename(this.path)} meanwhile, so nothing more is saved here: open it again.`,
      );
    }
    if (text === this.good) return;
    if (this.good !== null) await replaceFile(backupPath(this.path), this.good);
    await replaceFile(this.path, text);
    this.good = text;
  }
}
