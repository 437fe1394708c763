import { matchKeyBindingPress, parseKeybinding } from 'tinykeys';
import { create } from 'zustand';

export type Shortcut = {
  /** In tinykeys' notation, one press: `$mod+Enter`, `Alt+KeyV`, `Shift+?`, `F2`. */
  keys: string;
  name: string;
  /** Heading in the list of shortcuts. */
  section: string;
  /** Modal layer (dialog, open menu) that this belongs to; null is the window itself. */
  layer: symbol | null;
  /** When given, it answers only while the focus is inside. */
  within: (() => Element | null) | null;
  run: (event: KeyboardEvent) => void;
};

type Shortcuts = {
  all: readonly Shortcut[];
  /** Open modal layers, the topmost last. Only the topmost one hears keys. */
  layers: readonly symbol[];
};

export const useShortcuts = create<Shortcuts>()(() => ({ all: [], layers: [] }));

/** Returns its own off switch. */
export function addShortcut(shortcut: Shortcut): () => void {
  useShortcuts.setState(({ all }) => ({ all: [...all, shortcut] }));
  return () =>
    useShortcuts.setState(({ all }) => ({ all: all.filter((other) => other !== shortcut) }));
}

/** While open, keys reach only shortcuts of this layer. Returns its own off switch. */
export function openLayer(layer: symbol): () => void {
  useShortcuts.setState(({ layers }) => ({ layers: [...layers, layer] }));
  return () =>
    useShortcuts.setState(({ layers }) => ({ layers: layers.filter((other) => other !== layer) }));
}

/** Starts to listen. Returns its own off switch. */
export function listenForShortcuts(target: Window): () => void {
  const listener = (event: KeyboardEvent) => dispatch(event);
  // Captured, so that Space reaches the transport before a button that only the mouse focused.
  target.addEventListener('keydown', listener, { capture: true });
  return () => target.removeEventListener('keydown', listener, { capture: true });
}

function dispatch(event: KeyboardEvent): void {
  if (event.isComposing || event.defaultPrevented) return;
  const { all, layers } = useShortcuts.getState();
  const layer = layers.at(-1) ?? null;
  // A shortcut bound to a place comes before one of the whole window.
  const candidates = all
    .filter((shortcut) => shortcut.layer === layer && matches(event, shortcut.keys))
    .sort((a, b) => Number(b.within !== null) - Number(a.within !== null));
  for (const shortcut of candidates) {
    if (!reaches(event, shortcut)) continue;
    event.preventDefault();
    event.stopPropagation();
    commitPendingInput();
    shortcut.run(event);
    return;
  }
}

function matches(event: KeyboardEvent, keys: string): boolean {
  const [press] = parseKeybinding(keys);
  return press !== undefined && matchKeyBindingPress(event, press);
}

function reaches(event: KeyboardEvent, { keys, within }: Shortcut): boolean {
  const focused = event.target instanceof Element ? event.target : null;
  if (within !== null && !within()?.contains(focused)) return false;
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  if (modified || keys === 'Escape' || /^F\d+$/.test(keys)) return true;
  if (focused?.matches(TEXT_ENTRY)) return false;
  // These keys press the focused control, but only one that the keyboard chose.
  if (keys === 'Space' || keys === 'Enter') return !focused?.matches(PRESSABLE) || within !== null;
  return true;
}

const TEXT_ENTRY =
  'textarea, [contenteditable="true"], input:not([type=range], [type=checkbox], [type=radio])';
const PRESSABLE = ['button', 'a', 'input', '[role=button]', '[role=option]', '[role=row]']
  .map((selector) => `${selector}:focus-visible`)
  .join(', ');

/** A number being typed counts from the moment a shortcut is pressed. */
function commitPendingInput(): void {
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement && focused.matches(TEXT_ENTRY)) {
    focused.blur();
    focused.focus();
  }
}
