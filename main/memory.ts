import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import log from 'electron-log/main';
import Store from 'electron-store';
import { z } from 'zod';
import { DEFAULT_PREFERENCES, Preferences } from '../contract/preferences';
import { PRIVATE } from './audio/durable-file';
import { storageFailure } from './audio/storage-failure';

const Bounds = z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() });

type Kept = { preferences: Preferences; window: Rectangle | null; recentProjects: string[] };

const MOST_RECENT = 10;

/**
 * What the app remembers between launches. A damaged file gives way to the defaults; so does a
 * single preference, and keeps none of the others.
 */
export class Memory {
  private readonly store = new Store<Kept>({
    name: 'memory',
    defaults: { preferences: DEFAULT_PREFERENCES, window: null, recentProjects: [] },
    clearInvalidConfig: true,
    configFileMode: PRIVATE,
  });

  get preferences(): Preferences {
    const stored: Partial<Record<string, unknown>> = this.store.get('preferences') ?? {};
    const readable = Object.entries(Preferences.shape).flatMap(([name, schema]) => {
      const parsed = schema.safeParse(stored[name]);
      return parsed.success ? [[name, parsed.data]] : [];
    });
    return { ...DEFAULT_PREFERENCES, ...Object.fromEntries(readable) };
  }

  /** Throws a `storage` failure when it cannot be written. */
  setPreferences(change: Partial<Preferences>): void {
    try {
      this.store.set('preferences', { ...this.preferences, ...change });
    } catch (error) {
      throw storageFailure(error, dirname(this.store.path));
    }
  }

  /** Paths of projects that were opened, the latest first. */
  get recentProjects(): string[] {
    return z.array(z.string()).safeParse(this.store.get('recentProjects')).data ?? [];
  }

  /** Calls `listener` whenever that list has changed. */
  onRecentProjects(listener: () => void): void {
    this.store.onDidChange('recentProjects', listener);
  }

  /** Puts a project in front, or takes it off the list; said to the log alone when it fails. */
  rememberProject(path: string, isThere: boolean): void {
    const others = this.recentProjects.filter((other) => other !== path);
    try {
      this.store.set(
        'recentProjects',
        (isThere ? [path, ...others] : others).slice(0, MOST_RECENT),
      );
    } catch (error) {
      log.warn(storageFailure(error, dirname(this.store.path)).message);
    }
  }

  readonly window = {
    load: (): Rectangle | null => Bounds.safeParse(this.store.get('window')).data ?? null,
    /** Said to the log alone when it fails: a window that closes has nobody to tell. */
    save: (bounds: Rectangle): void => {
      try {
        this.store.set('window', bounds);
      } catch (error) {
        log.warn(storageFailure(error, dirname(this.store.path)).message);
      }
    },
  };
}
