import { useState } from 'react';
import { Dialog } from '../controls/Dialog';
import { showKeys } from './keys';
import { type Shortcut, useShortcuts } from './registry';
import styles from './shortcuts.module.css';

/** Every shortcut of the window, as the mounted controls declare them. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  // What the window offered when the dialog opened; the dialog's own keys are no news.
  const [all] = useState(() => useShortcuts.getState().all.filter(({ layer }) => layer === null));
  return (
    <Dialog title="Keyboard shortcuts" isOpen onClose={onClose} size="large">
      <div className={styles.sections}>
        {[...bySection(all)].map(([section, shortcuts]) => (
          <section key={section}>
            <h3 className={styles.heading}>{section}</h3>
            <dl className={styles.list}>
              {shortcuts.map(({ keys, name }) => (
                <div key={`${keys} ${name}`} className={styles.line}>
                  <dt>{name}</dt>
                  <dd>
                    <kbd className={styles.keys}>{showKeys(keys)}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function bySection(all: readonly Shortcut[]): Map<string, Shortcut[]> {
  const sections = new Map<string, Shortcut[]>();
  for (const shortcut of all) {
    const section = sections.get(shortcut.section) ?? [];
    // Rows of a list share their keys.
    if (!section.some(({ keys, name }) => keys === shortcut.keys && name === shortcut.name)) {
      section.push(shortcut);
    }
    sections.set(shortcut.section, section);
  }
  return sections;
}
