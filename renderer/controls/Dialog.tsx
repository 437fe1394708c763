import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { ShortcutLayer } from '../shortcuts/useShortcut';
import { IconButton } from './Button';
import styles from './dialog.module.css';

type DialogProps = {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  size?: 'small' | 'large';
  /** Nothing behind it can be read. */
  isVeiled?: boolean;
  children: ReactNode;
  /** Buttons at the bottom right. */
  actions?: ReactNode;
};

/** A modal dialog. Esc and a click outside close it. */
export function Dialog(props: DialogProps) {
  const { title, isOpen, onClose, size = 'small', isVeiled, children, actions } = props;
  return (
    <ModalOverlay
      className={styles.overlay}
      data-veiled={isVeiled || undefined}
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      isDismissable
    >
      <Modal className={styles.modal} data-size={size}>
        <AriaDialog className={styles.dialog}>
          <ShortcutLayer name={title}>
            <header className={styles.header}>
              <Heading slot="title" className={styles.title}>
                {title}
              </Heading>
              <IconButton
                name="Close"
                tooltip="Close this dialog."
                shortcut="Escape"
                icon={<X aria-hidden="true" />}
                onPress={onClose}
              />
            </header>
            {/* In the tab order, so that the arrow keys can scroll what does not fit. */}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
            <section className={styles.body} aria-label={`${title}, content`} tabIndex={0}>
              {children}
            </section>
            {actions !== undefined && <footer className={styles.actions}>{actions}</footer>}
          </ShortcutLayer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
