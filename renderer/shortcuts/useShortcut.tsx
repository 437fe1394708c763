import {
  createContext,
  type ReactNode,
  type RefObject,
  useContext,
  useLayoutEffect,
  useRef,
} from 'react';
import { addShortcut, openLayer } from './registry';

const Place = createContext<{ section: string; layer: symbol | null }>({
  section: 'Window',
  layer: null,
});

/** Names the section under which the shortcuts inside are listed. */
export function ShortcutSection({ name, children }: { name: string; children: ReactNode }) {
  const { layer } = useContext(Place);
  return <Place value={{ section: name, layer }}>{children}</Place>;
}

/** While mounted, only shortcuts inside it hear keys: for dialogs and open menus. */
export function ShortcutLayer({ name, children }: { name: string; children?: ReactNode }) {
  const layer = useRef(Symbol(name)).current;
  useLayoutEffect(() => openLayer(layer), [layer]);
  return <Place value={{ section: name, layer }}>{children}</Place>;
}

/** Puts an action on a key for as long as the component is mounted, from its first paint on. */
export function useShortcut(
  keys: string | null,
  name: string,
  run: (event: KeyboardEvent) => void,
  { within = null }: { within?: RefObject<Element | null> | null } = {},
): void {
  const { section, layer } = useContext(Place);
  const latest = useRef(run);
  useLayoutEffect(() => {
    latest.current = run;
  });
  useLayoutEffect(() => {
    if (keys === null) return;
    return addShortcut({
      keys,
      name,
      section,
      layer,
      within: within && (() => within.current),
      run: (event) => latest.current(event),
    });
  }, [keys, name, section, layer, within]);
}
