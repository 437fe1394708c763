import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { Tooltip, TooltipTriggerStateContext } from 'react-aria-components';
import { ariaKeys, showKeys } from '../shortcuts/keys';
import { useShortcut } from '../shortcuts/useShortcut';
import styles from './tip.module.css';

/** What every control has beside its value. */
export type ControlProps = {
  /** Accessible name; shown where the control has a visible label. */
  name: string;
  /** What it does, in a sentence. */
  tooltip: string;
  /** Key that presses or focuses the control, in tinykeys' notation. */
  shortcut: string;
  /** The key is answered by the list or region around the control and only shown here. */
  shortcutElsewhere?: boolean;
  /** The key is answered only while the focus is in here. */
  shortcutWithin?: RefObject<Element | null>;
};

const OPEN_AFTER_MS = 550;
/** Moving on to a neighbour within this time shows its tooltip at once. */
const STAYS_WARM_MS = 400;
let lastClosed = Number.NEGATIVE_INFINITY;

type Tip<E extends Element> = {
  /** The element that the tooltip belongs to. */
  ref: RefObject<E | null>;
  hover: {
    onPointerEnter: () => void;
    onPointerLeave: () => void;
    onPointerDown: () => void;
    onPointerUp: () => void;
  };
  focus: { onFocus: (event: { target: Element }) => void; onBlur: () => void };
  /** For the focusable element inside. */
  described: { 'aria-describedby': string | undefined };
  tooltip: ReactNode;
};

/**
 * Name, key and tooltip of a control. `press` is what the key does; without it the key moves the
 * focus to the first focusable element inside.
 */
export function useTip<E extends HTMLElement>(
  { name, tooltip, shortcut, shortcutElsewhere = false, shortcutWithin }: ControlProps,
  press?: () => void,
): Tip<E> {
  const ref = useRef<E>(null);
  const id = useId();
  const [open, setOpen] = useState(false);
  const calledOff = useRef(() => {});
  /** Text fields count as focused by keyboard even when the pointer did it. */
  const pointed = useRef(false);

  const show = (afterMs: number) => {
    calledOff.current();
    const timer = setTimeout(() => setOpen(true), afterMs);
    // Whoever types or steps a value knows what the control is.
    window.addEventListener('keydown', hide, { capture: true, once: true });
    calledOff.current = () => {
      clearTimeout(timer);
      window.removeEventListener('keydown', hide, { capture: true });
    };
  };
  const hide = () => {
    calledOff.current();
    setOpen((was) => {
      if (was) lastClosed = performance.now();
      return false;
    });
  };
  useEffect(() => () => calledOff.current(), []);

  useShortcut(
    shortcutElsewhere ? null : shortcut,
    name,
    press ?? (() => focusInside(ref.current)),
    {
      within: shortcutWithin ?? null,
    },
  );

  // Set by hand: React Aria lets this attribute through nowhere.
  useEffect(() => {
    const target = ref.current?.querySelector('[role=radiogroup]') ?? focusableIn(ref.current);
    target?.setAttribute('aria-keyshortcuts', ariaKeys(shortcut));
  }, [shortcut]);

  return {
    ref,
    hover: {
      onPointerEnter: () =>
        show(performance.now() - lastClosed < STAYS_WARM_MS ? 0 : OPEN_AFTER_MS),
      onPointerLeave: hide,
      onPointerDown: () => {
        pointed.current = true;
        hide();
      },
      onPointerUp: () => {
        pointed.current = false;
      },
    },
    focus: {
      onFocus: (event) => {
        if (!pointed.current && event.target.matches(':focus-visible')) show(OPEN_AFTER_MS);
      },
      onBlur: hide,
    },
    described: { 'aria-describedby': open ? id : undefined },
    tooltip: (
      <TooltipTriggerStateContext
        value={{ isOpen: open, open: () => show(0), close: hide, shouldSkipAnimation: true }}
      >
        <Tooltip triggerRef={ref} offset={6} className={styles.tooltip}>
          <span className={styles.title}>
            {name}
            <kbd className={styles.keys}>{showKeys(shortcut)}</kbd>
          </span>
          <span id={id} className={styles.text}>
            {tooltip}
          </span>
        </Tooltip>
      </TooltipTriggerStateContext>
    ),
  };
}

const FOCUSABLE = 'input:not([type=hidden]), textarea, button, [tabindex="0"]';

function focusableIn(element: HTMLElement | null): HTMLElement | null {
  if (element === null || element.matches(FOCUSABLE)) return element;
  return element.querySelector<HTMLElement>(FOCUSABLE);
}

function focusInside(element: HTMLElement | null): void {
  const chosen = element?.querySelector<HTMLElement>('[data-selected] input');
  const target = chosen ?? focusableIn(element);
  target?.focus();
  if (target instanceof HTMLInputElement && target.type === 'text') target.select();
}
