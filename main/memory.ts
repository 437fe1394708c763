import type { Rectangle } from 'electron';
import Store from 'electron-store';
import { DEFAULT_PREFERENCES, Preferences } from '../contract/preferences';

type Kept = { preferences: Preferences; window: Rectangle | null };

/** What the app remembers between launches. A damaged file gives way to the defaults. */
export class Memory {
  private readonly store = new Store<Kept>({
    name: 'memory',
    defaults: { preferences: DEFAULT_PREFERENCES, window: null },
    clearInvalidConfig: true,
  });

  get preferences(): Preferences {
    const stored = { ...DEFAULT_PREFERENCES, ...this.store.get('preferences') };
    const parsed = Preferences.safeParse(stored);
    return parsed.success ? parsed.data : DEFAULT_PREFERENCES;
  }

  setPreferences(change: Partial<Preferences>): void {
    this.store.set('preferences', { ...this.preferences, ...change });
  }

  readonly window = {
    load: (): Rectangle | null => this.store.get('window'),
    save: (bounds: Rectangle): void => this.store.set('window', bounds),
  };
}
