import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
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

/** Whether an element's content is taller than it is: then the keyboard must be able to scroll it. */
function useOverflow(ref: RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const resized = new ResizeObserver(() => setOverflows(box.scrollHeight > box.clientHeight));
    const watch = () => {
      resized.disconnect();
      for (const element of [box, ...box.children]) resized.observe(element);
    };
    const replaced = new MutationObserver(watch);
    replaced.observe(box, { childList: true });
    watch();
    return () => {
      resized.disconnect();
      replaced.disconnect();
    };
  }, [ref]);
  return overflows;
}

/** A titled region of the window; F6 moves from one to the next. */
export function Panel({ title, extra, footer, children }: PanelProps) {
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const scrolls = useOverflow(body);
  return (
    <ShortcutSection name={title}>
      <section className={styles.panel} aria-labelledby={id} data-region tabIndex={-1}>
        <header className={styles.header}>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          {extra}
        </header>
        <div ref={body} className={styles.body} tabIndex={scrolls ? 0 : undefined}>
          {children}
        </div>
        {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
      </section>
    </ShortcutSection>
  );
}
