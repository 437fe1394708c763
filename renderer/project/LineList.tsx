import { type RefObject, useEffect, useRef, useState } from 'react';
import { GridList, ListLayout, Virtualizer } from 'react-aria-components';
import type { Line } from '../../contract/project';
import { useShortcut } from '../shortcuts/useShortcut';
import { hearTake, useTakes } from '../takes/takes';
import { LineRow } from './LineRow';
import { chooseTake, findLine, moveLines, redo, undo, useProject } from './project';
import styles from './project.module.css';
import { cancelLines, generateLines, hurryLines } from './queue';
import {
  addLine,
  editLine,
  removeSelected,
  select,
  selectedLines,
  useSelection,
} from './selection';

/** Height of a row in rem: the virtualiser and the style sheet must agree. */
const ROW_REM = 3;

/** The lines of the project; only the rows in sight are laid out. */
export function LineList() {
  const lines = useProject((project) => project.lines);
  const { taken, isWhole } = useTakenIn(lines);
  const selected = useSelection((selection) => selection.selected);
  const place = useRef<HTMLDivElement>(null);
  useLineKeys(place);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return (
    <div ref={place} className={styles.listPlace}>
      {!isWhole && (
        <p role="status" className={styles.empty}>
          Taking in {lines.length.toLocaleString('en')} lines…
        </p>
      )}
      <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW_REM * rem }}>
        <GridList
          aria-label="Lines"
          className={styles.list}
          // Rows in sight are laid out anew with every part that is taken in: there are none then.
          data-hidden={!isWhole || undefined}
          items={taken}
          selectionMode="multiple"
          selectionBehavior="replace"
          keyboardNavigationBehavior="tab"
          selectedKeys={[...selected]}
          onSelectionChange={(keys) =>
            select(keys === 'all' ? lines.map(({ id }) => id) : [...keys].map(String))
          }
          onAction={(key) => editLine(String(key))}
          renderEmptyState={() => (
            <p className={styles.empty}>
              No lines yet: add one, or import them from a TXT, CSV or SRT file.
            </p>
          )}
        >
          {(line) => <LineRow line={line} />}
        </GridList>
      </Virtualizer>
    </div>
  );
}

/** Rows that the list takes in at once: thousands would keep the page from its work. */
const ROWS_AT_ONCE = 250;

/** The lines that the list has taken in, more at a time until it has all. */
function useTakenIn(lines: Line[]): { taken: Line[]; isWhole: boolean } {
  const [count, setCount] = useState(0);
  const isWhole = lines.length - count <= ROWS_AT_ONCE;
  useEffect(() => {
    if (isWhole) return setCount(lines.length);
    const timer = setTimeout(() => setCount(count + ROWS_AT_ONCE));
    return () => clearTimeout(timer);
  }, [isWhole, lines.length, count]);
  return { taken: isWhole ? lines : lines.slice(0, count), isWhole };
}

/** Keys of the lines that are selected. */
function useLineKeys(place: RefObject<HTMLDivElement | null>) {
  const within = { within: place };
  const selected = () => new Set(selectedLines());
  useShortcut('Alt+KeyJ', 'Go to the list of lines', () =>
    place.current?.querySelector<HTMLElement>('[role=row][tabindex="0"], [role=row]')?.focus(),
  );
  useShortcut('KeyN', 'Add a line below', addLine, within);
  useShortcut('F2', 'Edit line', () => editLine(selectedLines()[0] ?? null), within);
  useShortcut('Delete', 'Remove lines', removeSelected, within);
  useShortcut('KeyG', 'Generate selected lines', () => generateLines(selectedLines()), within);
  useShortcut('KeyH', 'Speak these first', () => hurryLines(selected()), within);
  useShortcut('KeyC', 'Take out of the queue', () => cancelLines(selected()), within);
  useShortcut('KeyP', 'Hear the chosen take', () => void hearSelected(), within);
  useShortcut('Alt+ArrowUp', 'Move lines up', () => moveLines(selected(), -1), within);
  useShortcut('Alt+ArrowDown', 'Move lines down', () => moveLines(selected(), 1), within);
  useShortcut('BracketLeft', 'Choose the take before', () => chooseNext(-1), within);
  useShortcut('BracketRight', 'Choose the next take', () => chooseNext(1), within);
  useShortcut('$mod+KeyZ', 'Undo', undo, within);
  useShortcut('$mod+Shift+KeyZ', 'Redo', redo, within);
}

async function hearSelected(): Promise<void> {
  const line = findLine(selectedLines()[0] ?? '');
  const take = useTakes.getState().all.find(({ id }) => id === line?.chosen);
  if (take) await hearTake(take);
}

function chooseNext(by: -1 | 1): void {
  for (const id of selectedLines()) {
    const line = findLine(id);
    const at = line?.takes.findIndex(({ take }) => take === line.chosen) ?? -1;
    const next = line?.takes[at + by];
    if (next) chooseTake(id, next.take);
  }
}
