import { FailureError } from '../../contract/failure';
import type { Project } from '../../contract/project';
import type { ProjectStore } from './store';

/** When it is first needed: the lock's library would delay every start. */
const loadStore = () => import('./store');

/** The project that the window works on: one at a time. */
export class OpenProject {
  #store: ProjectStore | null = null;

  /** Throws a `usage` failure when none is open. */
  get store(): ProjectStore {
    if (!this.#store) throw new FailureError('usage', 'No project is open: open one first.');
    return this.#store;
  }

  /** As `ProjectStore.open`; the project that is open already is given as it is. */
  async open(path: string): Promise<void> {
    if (this.#store?.path === path) return;
    const { ProjectStore } = await loadStore();
    await this.#replaceBy(() => ProjectStore.open(path));
  }

  async create(path: string): Promise<void> {
    if (this.#store?.path === path) await this.close();
    const { ProjectStore } = await loadStore();
    await this.#replaceBy(() => ProjectStore.create(path));
  }

  /** Resolves when it is on the disk. What belongs to a project that was closed is refused. */
  async save(path: string, project: Project): Promise<void> {
    if (this.store.path !== path) {
      throw new FailureError('usage', 'Another project has been opened: this one is closed.');
    }
    await this.store.save(project);
  }

  async close(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    await store?.close();
  }

  /** The one that is open stays so when the other cannot be opened. */
  async #replaceBy(open: () => Promise<ProjectStore>): Promise<void> {
    const next = await open();
    await this.close();
    this.#store = next;
  }
}
