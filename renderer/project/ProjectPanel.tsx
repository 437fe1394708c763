import {
  BookA,
  Download,
  FilePlus2,
  FolderOpen,
  Import,
  ListPlus,
  Pause,
  Play,
  Redo2,
  RotateCcw,
  SlidersHorizontal,
  Undo2,
  X,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Line, RecentProject } from '../../contract/project';
import { call } from '../bridge';
import { Button, IconButton, ToggleButton } from '../controls/Button';
import { Panel } from '../layout/Panel';
import { notify } from '../notices/notices';
import { showSeconds } from '../script/seconds';
import { currentSettings } from '../script/settings';
import { useSaving } from './autosave';
import { chooseLineExport } from './export-lines';
import { importLines, newProject, openProject } from './files';
import { LineList } from './LineList';
import { countMissing, regenerateMissing, useMissing } from './missing';
import { PronunciationDialog } from './PronunciationDialog';
import { applySettings, redo, undo, useProject } from './project';
import styles from './project.module.css';
import { cancelQueue, generateLines, pauseQueue, secondsLeft, useLineQueue } from './queue';
import { remembering } from './remembering';
import { addLine, selectedLines, useSelection } from './selection';

/** The script of a project: its lines, their takes, and what is done with all of them. */
export function ProjectPanel() {
  const file = useProject((project) => project.file);
  return (
    <Panel
      title={file === null ? 'Project' : file.name}
      extra={<Saved />}
      footer={file === null ? undefined : <QueueBar />}
    >
      {file === null ? (
        <Begin />
      ) : (
        <div className={styles.column}>
          <Toolbar />
          <Missing />
          <LineList key={file.path} />
        </div>
      )}
    </Panel>
  );
}

function Saved() {
  const file = useProject((project) => project.file);
  const count = useProject((project) => project.lines.length);
  const saving = useSaving((state) => state.saving);
  if (file === null) return null;
  const says = { saved: 'saved', unsaved: 'saving', failed: 'not saved' }[saving.state];
  return (
    <span className={styles.saved} data-saving={saving.state}>
      {count.toLocaleString('en')} {count === 1 ? 'line' : 'lines'}, {says}
    </span>
  );
}

function Begin() {
  const [recent, setRecent] = useState<readonly RecentProject[]>([]);
  useEffect(() => {
    call('listRecentProjects').then(setRecent, notify);
  }, []);
  return (
    <div className={styles.begin}>
      <p>A project is a list of lines with their takes, saved as you work and exported together.</p>
      <div className={styles.group}>
        <Button
          name="New project"
          tooltip="Asks where to keep a new, empty project."
          shortcut="$mod+KeyN"
          shortcutElsewhere
          showsKeys
          tone="primary"
          icon={<FilePlus2 aria-hidden="true" />}
          onPress={() => void newProject()}
        />
        <Button
          name="Open project"
          tooltip="Opens a project from the disk."
          shortcut="$mod+KeyO"
          shortcutElsewhere
          showsKeys
          icon={<FolderOpen aria-hidden="true" />}
          onPress={() => void openProject()}
        />
      </div>
      {recent.length > 0 && (
        <ul className={styles.recent} aria-label="Recent projects">
          {recent.map(({ path, name }) => (
            <li key={path}>
              <button type="button" title={path} onClick={() => void openProject(path)}>
                {name} <span>{path}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Toolbar() {
  const [isListing, setListing] = useState(false);
  const canUndo = useStore(useProject.temporal, ({ pastStates }) => pastStates.length > 0);
  const canRedo = useStore(useProject.temporal, ({ futureStates }) => futureStates.length > 0);
  const isAnySelected = useSelection(({ selected }) => selected.size > 0);
  return (
    <div className={styles.toolbar}>
      <div className={styles.group}>
        <IconButton
          name="Add line"
          tooltip="Adds an empty line below the selected ones."
          shortcut="Alt+Shift+KeyN"
          icon={<ListPlus aria-hidden="true" />}
          onPress={addLine}
        />
        <IconButton
          name="Import lines"
          tooltip="Adds the lines of a TXT, CSV or SRT file. A CSV needs a column “text” and may have “voice” and “seed”."
          shortcut="$mod+KeyI"
          shortcutElsewhere
          icon={<Import aria-hidden="true" />}
          onPress={() => void importLines()}
        />
        <IconButton
          name="Undo"
          tooltip="Takes the last edit of the lines back. Takes stay."
          shortcut="Alt+KeyZ"
          icon={<Undo2 aria-hidden="true" />}
          isDisabled={!canUndo}
          onPress={undo}
        />
        <IconButton
          name="Redo"
          tooltip="Does again what was undone."
          shortcut="Alt+Shift+KeyZ"
          icon={<Redo2 aria-hidden="true" />}
          isDisabled={!canRedo}
          onPress={redo}
        />
        <IconButton
          name="Apply settings"
          tooltip="Gives the selected lines the voice and settings of the script panel; each keeps its seed."
          shortcut="Alt+KeyA"
          icon={<SlidersHorizontal aria-hidden="true" />}
          isDisabled={!isAnySelected}
          onPress={() => {
            const settings = currentSettings();
            if (settings) applySettings(new Set(selectedLines()), settings);
          }}
        />
        <IconButton
          name="Pronunciations"
          tooltip="How this project says words: by a respelling or by ARPAbet phones."
          shortcut="Alt+Shift+KeyP"
          icon={<BookA aria-hidden="true" />}
          onPress={() => setListing(true)}
        />
        <IconButton
          name="Export lines"
          tooltip="Writes the chosen takes of all lines as WAV files."
          shortcut="$mod+Shift+KeyE"
          shortcutElsewhere
          icon={<Download aria-hidden="true" />}
          onPress={() => void chooseLineExport()}
        />
      </div>
      <GenerateButtons />
      {isListing && <PronunciationDialog onClose={() => setListing(false)} />}
    </div>
  );
}

function GenerateButtons() {
  const isAnySelected = useSelection(({ selected }) => selected.size > 0);
  const failed = useProject(({ lines }) => failedLines(lines));
  const without = useProject(({ lines }) => linesWithout(lines));
  return (
    <div className={styles.group}>
      <Button
        name="Generate all lines"
        tooltip="Queues a take for every line that has none."
        shortcut="Alt+Shift+KeyG"
        tone="primary"
        isDisabled={without.length === 0}
        onPress={() => generateLines(without)}
      >
        All ({without.length})
      </Button>
      <Button
        name="Generate selected lines"
        tooltip="Queues one more take for every selected line."
        shortcut="KeyG"
        shortcutElsewhere
        isDisabled={!isAnySelected}
        onPress={() => generateLines(selectedLines())}
      >
        Selected
      </Button>
      <Button
        name="Generate failed lines"
        tooltip="Queues another take for every line that failed or whose chosen take is suspect."
        shortcut="Alt+Shift+KeyX"
        isDisabled={failed.length === 0}
        onPress={() => generateLines(failed)}
      >
        Failed ({failed.length})
      </Button>
    </div>
  );
}

const failedLines = remembering((lines: readonly Line[]) =>
  lines.filter((line) => line.problem !== null || isSuspect(line)).map(({ id }) => id),
);

const linesWithout = remembering((lines: readonly Line[]) =>
  lines.filter(({ takes, text }) => takes.length === 0 && text !== '').map(({ id }) => id),
);

function isSuspect({
  takes,
  chosen,
}: {
  takes: { take: string; suspicions: unknown[] }[];
  chosen: string | null;
}) {
  return takes.some(({ take, suspicions }) => take === chosen && suspicions.length > 0);
}

/** Stays until every lost take is made again. */
function Missing() {
  const missing = useMissing(({ takes }) => takes);
  const count = useProject(({ lines }) => countMissing(lines, missing));
  if (count === 0) return null;
  const sound = count === 1 ? 'The sound of 1 take is' : `The sound of ${count} takes is`;
  return (
    <div className={styles.missing}>
      <p role="status">{sound} gone from the disk; text and settings are kept.</p>
      <Button
        name="Make again"
        tooltip="Queues each lost take with the text, settings and seed that it had."
        shortcut="Alt+Shift+KeyM"
        icon={<RotateCcw aria-hidden="true" />}
        onPress={regenerateMissing}
      />
    </div>
  );
}

function QueueBar() {
  const queue = useLineQueue();
  const lines = useProject((project) => project.lines);
  const count = queue.waiting.length + (queue.running ? 1 : 0);
  const left = secondsLeft(queue, lines);
  const time = left === null || count === 0 ? '' : `, about ${showSeconds(left)} left`;
  return (
    <div className={styles.queue}>
      <p role="status">
        {count === 0
          ? 'Nothing waits to be spoken.'
          : `${count} ${count === 1 ? 'line' : 'lines'} to speak${time}${queue.isPaused ? ', paused' : ''}`}
      </p>
      <ToggleButton
        name={queue.isPaused ? 'Go on' : 'Pause'}
        tooltip="Holds the queue after the line that is being spoken."
        shortcut="Alt+Shift+KeyQ"
        icon={queue.isPaused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
        isSelected={queue.isPaused}
        onChange={pauseQueue}
      >
        {queue.isPaused ? 'Go on' : 'Pause'}
      </ToggleButton>
      <Button
        name="Cancel all lines"
        tooltip="Ends the take that is being made and empties the queue."
        shortcut="Alt+Shift+KeyC"
        icon={<X aria-hidden="true" />}
        isDisabled={count === 0}
        onPress={cancelQueue}
      >
        Cancel
      </Button>
    </div>
  );
}
