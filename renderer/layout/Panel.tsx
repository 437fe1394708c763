import { type ReactNode, useId } from 'react';
import { ShortcutSection } from '../shortcuts/useShortcut';
import styles from './panel.module.css';

type PanelProps = {
  title: string;
  /** Beside the title. */
  extra?: ReactNode;
  /** Stays at the bottom while the rest scrolls. */
  footer?: ReactNode;
  children: ReactNode;
};

/** A titled region of the window; F6 moves from one to the next. */
export function Panel({ title, extra, footer, children }: PanelProps) {
  const id = useId();
  return (
    <ShortcutSection name={title}>
      <section className={styles.panel} aria-labelledby={id} data-region tabIndex={-1}>
        <header className={styles.header}>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          {extra}
        </header>
        <div className={styles.body}>{children}</div>
        {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
      </section>
    </ShortcutSection>
  );
}
