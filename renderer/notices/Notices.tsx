import { X } from 'lucide-react';
import { Button, IconButton } from '../controls/Button';
import { ShortcutSection } from '../shortcuts/useShortcut';
import { useNotices } from './notices';
import styles from './notices.module.css';

/** Sentences for the user, the newest at the bottom. Keys belong to the newest. */
export function Notices() {
  const shown = useNotices((notices) => notices.shown);
  const dismiss = useNotices((notices) => notices.dismiss);
  const lastWithAction = shown.findLast((notice) => notice.action !== null);
  return (
    <ShortcutSection name="Notices">
      <section className={styles.place} aria-label="Notices" aria-live="polite">
        {shown.map((notice) => {
          const { id, tone, message, action } = notice;
          return (
            <div
              key={id}
              className={styles.notice}
              data-tone={tone}
              role={tone === 'problem' ? 'alert' : undefined}
            >
              <p className={styles.message}>{message}</p>
              {action && (
                <Button
                  name={action.label}
                  tooltip={`Does what it says: ${message}`}
                  shortcut="Alt+KeyU"
                  shortcutElsewhere={notice !== lastWithAction}
                  onPress={() => {
                    action.run();
                    dismiss(id);
                  }}
                />
              )}
              <IconButton
                name="Dismiss notice"
                tooltip="Takes this notice away."
                shortcut="Alt+KeyX"
                shortcutElsewhere={notice !== shown.at(-1)}
                icon={<X aria-hidden="true" />}
                onPress={() => dismiss(id)}
              />
            </div>
          );
        })}
      </section>
    </ShortcutSection>
  );
}
