import { Download, GripVertical, Pencil, Play, RotateCcw, Star, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { GridListItem } from 'react-aria-components';
import { acceptanceRate } from '../../contract/counters';
import type { Take } from '../../contract/take';
import { IconButton, ToggleButton } from '../controls/Button';
import { TextField } from '../controls/TextField';
import { useOtherPack } from '../engine/other-pack';
import { chooseExport } from '../export/export';
import { METHOD_LABELS } from '../script/methods';
import { showSeconds } from '../script/seconds';
import {
  dragTake,
  hearTake,
  recallTake,
  removeTake,
  renameTake,
  sendTake,
  starTake,
  useTakes,
} from './takes';
import styles from './takes.module.css';

type TakeRowProps = { take: Take; isRenaming: boolean; isSelected: boolean };

export function TakeRow({ take, isRenaming, isSelected }: TakeRowProps) {
  const otherPack = useOtherPack(take);
  return (
    <GridListItem
      id={take.id}
      textValue={take.name}
      className={styles.row}
      data-selected={isSelected || undefined}
    >
      <DragHandle take={take} />
      <div className={styles.words}>
        <div className={styles.line}>
          {isRenaming ? (
            <NameField take={take} />
          ) : (
            <span className={styles.name}>{take.name}</span>
          )}
          <span className={styles.length}>
            {take.status !== 'generating' && showSeconds(take.frames / take.pack.frameRate)}
          </span>
          <ToggleButton
            name={take.starred ? 'Remove star' : 'Star take'}
            tooltip="Stars mark the takes to keep; the list can show them alone."
            shortcut="KeyS"
            shortcutElsewhere
            icon={<Star aria-hidden="true" data-starred={take.starred} />}
            isSelected={take.starred}
            onChange={() => void starTake(take)}
          />
        </div>
        <p className={styles.meta}>{settingsOf(take, otherPack)}</p>
        <div className={styles.bottom}>
          <p className={styles.meta} data-tone={take.problem ? 'problem' : undefined}>
            {outcomeOf(take)}
          </p>
          <Actions take={take} />
        </div>
      </div>
    </GridListItem>
  );
}

function settingsOf({ settings, counters }: Take, otherPack: string | null): string {
  const { voice, method, theta } = settings;
  const groups = method === 'pcg' ? ` θ ${theta.toFixed(2)}` : '';
  const alpha = acceptanceRate(counters);
  const rate = alpha === null ? '' : ` · α ${(alpha * 100).toFixed(0)} %`;
  const speaker = otherPack === null ? voice : `${voice} (${otherPack})`;
  return `${speaker} · ${METHOD_LABELS[method]}${groups}${rate}`;
}

function outcomeOf(take: Take): string {
  switch (take.status) {
    case 'generating':
      return 'in the making';
    case 'cancelled':
      return 'cancelled';
    case 'failed':
    case 'interrupted':
      return take.problem ?? take.status;
    case 'finished':
      return `seed ${take.settings.seed}${take.pair ? ' · pair' : ''}`;
  }
}

function Actions({ take }: { take: Take }) {
  return (
    <div className={styles.actions}>
      <IconButton
        name="Send to lane A"
        tooltip="Loads this take into lane A."
        shortcut="KeyA"
        shortcutElsewhere
        icon={<b data-lane="A">A</b>}
        onPress={() => void sendTake(take, 'A')}
      />
      <IconButton
        name="Send to lane B"
        tooltip="Loads this take into lane B."
        shortcut="KeyB"
        shortcutElsewhere
        icon={<b data-lane="B">B</b>}
        onPress={() => void sendTake(take, 'B')}
      />
      <IconButton
        name="Play take"
        tooltip="Loads this take into the lane in focus and plays it."
        shortcut="Enter"
        shortcutElsewhere
        icon={<Play aria-hidden="true" />}
        onPress={() => void hearTake(take)}
      />
      <IconButton
        name="Recall settings"
        tooltip="Puts this take’s text and settings back into the script, its seed pinned."
        shortcut="KeyU"
        shortcutElsewhere
        icon={<RotateCcw aria-hidden="true" />}
        onPress={() => recallTake(take)}
      />
      <IconButton
        name="Rename take"
        tooltip="Edits the name in place."
        shortcut="F2"
        shortcutElsewhere
        icon={<Pencil aria-hidden="true" />}
        onPress={() => useTakes.setState({ renaming: take.id })}
      />
      <IconButton
        name="Export take"
        tooltip="Writes this take as a WAV file."
        shortcut="KeyE"
        shortcutElsewhere
        icon={<Download aria-hidden="true" />}
        onPress={() => chooseExport(take)}
      />
      <IconButton
        name="Delete take"
        tooltip="Takes it off the list; the notice that follows brings it back."
        shortcut="Delete"
        shortcutElsewhere
        icon={<Trash2 aria-hidden="true" />}
        onPress={() => void removeTake(take)}
      />
    </div>
  );
}

/** Dragging out is for the mouse; the keyboard's way to a file is Export. */
function DragHandle({ take }: { take: Take }) {
  return (
    <div
      className={styles.grip}
      draggable
      aria-hidden="true"
      title="Drag out as a WAV file"
      onPointerDown={(event) => event.stopPropagation()}
      onMouseDown={(event) => event.stopPropagation()}
      onDragStart={(event) => {
        // The system's own drag, begun by main, carries the file.
        event.preventDefault();
        void dragTake(take);
      }}
    >
      <GripVertical />
    </div>
  );
}

function NameField({ take }: { take: Take }) {
  const [typed, setTyped] = useState(take.name);
  return (
    // The list would take arrow keys, letters and Space for itself.
    <fieldset
      aria-label="Rename"
      className={styles.nameField}
      onKeyDown={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
    >
      <TextField
        name="Name of the take"
        tooltip="Enter keeps the name, Esc leaves it as it was."
        shortcut="F2"
        shortcutElsewhere
        hidesLabel
        autoFocus
        maxLength={200}
        value={typed}
        onChange={setTyped}
        onBlur={() => {
          if (useTakes.getState().renaming === take.id) void renameTake(take, typed);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key !== 'Enter' && key !== 'Escape') return;
          if (key === 'Escape') useTakes.setState({ renaming: null });
          // Leaving the field keeps the name; the list goes on where it was.
          currentTarget.closest<HTMLElement>('[role=row]')?.focus();
        }}
      />
    </fieldset>
  );
}
