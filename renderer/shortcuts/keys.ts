const onMac = /^Mac/.test(navigator.platform);

const SHOWN: Record<string, string> = {
  Control: onMac ? '⌃' : 'Ctrl',
  $mod: onMac ? '⌘' : 'Ctrl',
  Alt: onMac ? '⌥' : 'Alt',
  Escape: 'Esc',
  Delete: 'Del',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  BracketLeft: '[',
  BracketRight: ']',
  Comma: ',',
  Period: '.',
};

/** A shortcut as people write it: `$mod+KeyE` is Ctrl+E, `Shift+?` is ?. */
export function showKeys(keys: string): string {
  const parts = keys.split('+').map((part) => SHOWN[part] ?? part.replace(/^(Key|Digit)/, ''));
  const last = parts.at(-1) ?? '';
  const typedWithShift = last.length === 1 && /[^A-Za-z0-9]/.test(last) && parts[0] === 'Shift';
  return typedWithShift ? last : parts.join('+');
}

/** A shortcut as `aria-keyshortcuts` wants it. */
export function ariaKeys(keys: string): string {
  return keys.replace('$mod', onMac ? 'Meta' : 'Control').replace(/\b(Key|Digit)(?=.$)/, '');
}
