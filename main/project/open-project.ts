import { FailureError } from '../../contract/failure';
import type { ProjectChange, ProjectStore } from './store';

/** When it is first needed: the lock's library would delay every start. */
const loadStore = () => import('./store');

/** The project that the window works on: one at a time. */
export class OpenProject {
  #store: ProjectStore | null = null;
  /** Opening and closing wait for each other, or one of two projects would stay locked. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Throws a `usage` failure when none is open. */
  get store(): ProjectStore {
    if (!this.#store) throw new FailureError('usage', 'No project is open: open one first.');
    return this.#store;
  }

  /** As `ProjectStore.open`; the project that is open already is given as it is. */
  open(path: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#store?.path === path) return;
      const { ProjectStore } = await loadStore();
      await this.#replaceBy(await ProjectStore.open(path));
    });
  }

  create(path: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#store?.path === path) await this.#replaceBy(null);
      const { ProjectStore } = await loadStore();
      await this.#replaceBy(await ProjectStore.create(path));
    });
  }

  /** Resolves when it is on the disk. What belongs to a project that was closed is refused. */
  async save(path: string, change: ProjectChange): Promise<void> {
    await this.at(path).save(change);
  }

  /** The open project where it is the one at `path`; throws a `usage` failure where it is not. */
  at(path: string): ProjectStore {
    if (this.store.path === path) return this.store;
    throw new FailureError('usage', 'Another project has been opened: this one is closed.');
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#replaceBy(null));
  }

  /** The one that is open stays so until the other one is open. */
  async #replaceBy(next: ProjectStore | null): Promise<void> {
    const before = this.#store;
    this.#store = next;
    await before?.close();
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
