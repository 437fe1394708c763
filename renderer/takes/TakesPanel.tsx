import { Search, Star } from 'lucide-react';
import { type RefObject, useRef } from 'react';
import { GridList, ListLayout, Virtualizer } from 'react-aria-components';
import { useShallow } from 'zustand/react/shallow';
import type { Take } from '../../contract/take';
import { ToggleButton } from '../controls/Button';
import { TextField } from '../controls/TextField';
import { chooseExport } from '../export/export';
import { Panel } from '../layout/Panel';
import { useShortcut } from '../shortcuts/useShortcut';
import { TakeRow } from './TakeRow';
import {
  hearTake,
  recallTake,
  removeTake,
  restoreLastRemoved,
  sendTake,
  shownTakes,
  starTake,
  useTakes,
} from './takes';
import styles from './takes.module.css';

/** Height of a row in rem: the virtualiser and the style sheet must agree. */
const ROW_REM = 4.25;
/** Every take that was made, newest first; only the rows in sight are laid out. */
export function TakesPanel() {
  const search = useTakes((takes) => takes.search);
  const starredOnly = useTakes((takes) => takes.starredOnly);
  const count = useTakes((takes) => takes.all.length);
  return (
    <Panel
      title="Takes"
      extra={<span className={styles.count}>{count === 0 ? '' : count.toLocaleString('en')}</span>}
    >
      <div className={styles.column}>
        <div className={styles.filters}>
          <Search aria-hidden="true" className={styles.searchIcon} />
          <TextField
            name="Search takes"
            tooltip="Shows only takes whose name or text holds this."
            shortcut="Alt+KeyF"
            type="search"
            hidesLabel
            placeholder="Search"
            value={search}
            onChange={(typed) => useTakes.setState({ search: typed })}
          />
          <ToggleButton
            name="Starred only"
            tooltip="Shows only takes with a star."
            shortcut="Alt+Shift+KeyF"
            icon={<Star aria-hidden="true" />}
            isSelected={starredOnly}
            onChange={(only) => useTakes.setState({ starredOnly: only })}
          />
        </div>
        <TakeList />
      </div>
    </Panel>
  );
}

function TakeList() {
  const shown = useTakes(useShallow(shownTakes));
  const selected = useTakes((takes) => takes.selected);
  const renaming = useTakes((takes) => takes.renaming);
  const none = useTakes((takes) => takes.all.length === 0);
  const place = useRef<HTMLDivElement>(null);
  useListKeys(place);

  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return (
    <div ref={place} className={styles.listPlace}>
      <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW_REM * rem }}>
        <GridList
          aria-label="Takes"
          className={styles.list}
          items={shown}
          // Rows are kept as they are until what they depend on changes.
          dependencies={[renaming, selected]}
          selectionMode="single"
          selectionBehavior="replace"
          keyboardNavigationBehavior="tab"
          selectedKeys={selected === null ? [] : [selected]}
          onSelectionChange={(keys) => {
            if (keys === 'all') return;
            const [key] = keys;
            useTakes.setState({ selected: key === undefined ? null : String(key) });
          }}
          onAction={(key) => {
            const take = shown.find(({ id }) => id === key);
            if (take) void hearTake(take);
          }}
          renderEmptyState={() => (
            <p className={styles.empty}>
              {none
                ? 'Takes appear here as soon as they are generated, and stay.'
                : 'No take matches the search.'}
            </p>
          )}
        >
          {(take) => (
            <TakeRow
              take={take}
              isRenaming={renaming === take.id}
              isSelected={selected === take.id}
            />
          )}
        </GridList>
      </Virtualizer>
    </div>
  );
}

/** Keys of the take that has the focus. */
function useListKeys(place: RefObject<HTMLDivElement | null>) {
  const onFocused = (action: (take: Take) => unknown) => () => {
    const row = document.activeElement?.closest<HTMLElement>('[role=row]');
    const take = useTakes.getState().all.find(({ id }) => id === row?.dataset.key);
    if (take) void action(take);
  };
  const within = { within: place };
  useShortcut('Alt+KeyL', 'Go to the list of takes', () =>
    place.current?.querySelector<HTMLElement>('[role=row][tabindex="0"], [role=row]')?.focus(),
  );
  useShortcut(
    'KeyA',
    'Send take to lane A',
    onFocused((take) => sendTake(take, 'A')),
    within,
  );
  useShortcut(
    'KeyB',
    'Send take to lane B',
    onFocused((take) => sendTake(take, 'B')),
    within,
  );
  useShortcut('KeyS', 'Star take', onFocused(starTake), within);
  useShortcut(
    'F2',
    'Rename take',
    onFocused(({ id }) => useTakes.setState({ renaming: id })),
    within,
  );
  useShortcut('KeyU', 'Recall settings', onFocused(recallTake), within);
  useShortcut('KeyE', 'Export take', onFocused(chooseExport), within);
  useShortcut('Delete', 'Delete take', onFocused(removeTake), within);
  useShortcut('$mod+KeyZ', 'Undo delete', () => void restoreLastRemoved(), within);
}
