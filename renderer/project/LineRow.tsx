import { Flag, Play, TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { GridListItem } from 'react-aria-components';
import type { Line, LineTake } from '../../contract/project';
import { METHOD_LABELS } from '../script/methods';
import { showSeconds } from '../script/seconds';
import { useMissing } from './missing';
import { chooseTake, setText, useProject } from './project';
import styles from './project.module.css';
import { useLineQueue } from './queue';
import { remembering } from './remembering';
import { editLine, useSelection } from './selection';
import { SUSPICION_SAYS } from './suspicions';

/**
 * A line: its number, its text or the field to edit it, its takes, and what became of it. The list
 * keeps the rows of all lines, laid out or not, until the line itself changes: what else a row
 * depends on is heard by its parts, which only rows in sight have.
 */
export function LineRow({ line }: { line: Line }) {
  const { settings } = line;
  const theta = settings.method === 'pcg' ? ` θ ${settings.theta.toFixed(2)}` : '';
  return (
    <GridListItem id={line.id} textValue={line.text || 'Empty line'} className={styles.row}>
      <LineNumber id={line.id} />
      <div className={styles.words}>
        <LineText line={line} />
        <span className={styles.meta}>
          {settings.voice} · {METHOD_LABELS[settings.method]}
          {theta} · seed {settings.seed}
        </span>
      </div>
      <div className={styles.takes}>
        {line.takes.map((take, i) => (
          <TakeChip
            key={take.take}
            take={take}
            number={i + 1}
            isChosen={take.take === line.chosen}
            onChoose={() => chooseTake(line.id, take.take)}
          />
        ))}
      </div>
      <Outcome line={line} />
    </GridListItem>
  );
}

const placesOf = remembering(
  (lines: readonly Line[]) => new Map(lines.map(({ id }, i) => [id, i])),
);

/** The place of a line in the project, from 1. */
function useLineNumber(id: string): number {
  return useProject(({ lines }) => placesOf(lines).get(id) ?? -1) + 1;
}

function LineNumber({ id }: { id: string }) {
  const number = useLineNumber(id);
  return (
    <span className={styles.number} data-line={number}>
      {number}
    </span>
  );
}

function LineText({ line }: { line: Line }) {
  const isEditing = useSelection(({ editing }) => editing === line.id);
  if (isEditing) return <TextEditor line={line} />;
  return (
    <span className={styles.text} data-empty={line.text === '' || undefined}>
      {line.text || 'Empty: press Enter to write it.'}
    </span>
  );
}

function TextEditor({ line }: { line: Line }) {
  const number = useLineNumber(line.id);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    // The list would take arrow keys, letters and Space for itself.
    <fieldset
      className={styles.editor}
      aria-label={`Line ${number}`}
      onKeyDown={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
    >
      <input
        ref={field}
        // biome-ignore lint/a11y/noAutofocus: it takes the place of the row that had the focus
        autoFocus
        aria-label={`Text of line ${number}`}
        value={line.text}
        onChange={(event) => setText(line.id, event.target.value)}
        onBlur={() => editLine(null)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== 'Escape') return;
          event.stopPropagation();
          // The list goes on where it was.
          event.currentTarget.closest<HTMLElement>('[role=row]')?.focus();
        }}
      />
    </fieldset>
  );
}

type TakeChipProps = { take: LineTake; number: number; isChosen: boolean; onChoose: () => void };

/** For the pointer; [ and ] go from take to take on the row. */
function TakeChip({ take, number, isChosen, onChoose }: TakeChipProps) {
  const isMissing = useMissing(({ takes }) => takes.has(take.take));
  const isSuspect = take.suspicions.length > 0;
  const says = [
    `Take ${number}`,
    isChosen ? 'chosen' : '',
    showSeconds(take.seconds),
    isMissing ? 'its sound is gone' : '',
    ...take.suspicions.map((suspicion) => SUSPICION_SAYS[suspicion]),
  ].filter((part) => part !== '');
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles.take}
      data-chosen={isChosen || undefined}
      data-missing={isMissing || undefined}
      aria-label={says.join(', ')}
      title={says.join(', ')}
      onClick={onChoose}
    >
      {number}
      {isSuspect && <Flag aria-hidden="true" className={styles.flag} />}
      {isMissing && <TriangleAlert aria-hidden="true" className={styles.flag} />}
    </button>
  );
}

function Outcome({ line }: { line: Line }) {
  const place = useLineQueue(({ waiting }) => waiting.findIndex((each) => each.line === line.id));
  const isRunning = useLineQueue(({ running }) => running?.line === line.id);
  const chosen = line.takes.find(({ take }) => take === line.chosen);
  if (isRunning) {
    return (
      <span className={styles.outcome}>
        <Play aria-hidden="true" className={styles.flag} /> speaking
      </span>
    );
  }
  if (place !== -1) return <span className={styles.outcome}>waiting, {place + 1}.</span>;
  if (line.problem !== null) {
    return (
      <span className={styles.outcome} data-tone="problem" title={line.problem}>
        {line.problem}
      </span>
    );
  }
  if (chosen && chosen.suspicions.length > 0) {
    const says = chosen.suspicions.map((suspicion) => SUSPICION_SAYS[suspicion]).join(', ');
    return (
      <span className={styles.outcome} data-tone="caution" title={says}>
        {says}
      </span>
    );
  }
  return (
    <span className={styles.outcome}>
      {chosen && (chosen.text === line.text ? showSeconds(chosen.seconds) : 'text has changed')}
    </span>
  );
}
