import type { Take } from '../../contract/take';
import { laneData } from '../deck/lane-data';
import { LANE_NAMES, type LaneName } from '../deck/lane-name';
import { useLanes } from '../deck/lanes';
import { useLaneTick } from '../deck/use-lane-tick';
import { useEngine } from '../engine/engine';
import { Panel } from '../layout/Panel';
import { METHOD_LABELS } from '../script/methods';
import { AlphaChart } from './AlphaChart';
import styles from './acceptance.module.css';
import { DraftBar } from './DraftBar';
import {
  type Figures,
  figuresOf,
  type Lookaheads,
  lookaheadsOf,
  type SpeedUp,
  speedUpOf,
} from './figures';
import { Histogram } from './Histogram';

const UPDATES_PER_SECOND = 8;

interface Column {
  lane: LaneName;
  take: Take;
  figures: Figures;
  speedUp: SpeedUp;
  /** Null while nothing was drafted. */
  lookahead: Lookaheads | null;
}

/** What the acceptance rule did in each lane, live. */
export function Acceptance() {
  useLaneTick(UPDATES_PER_SECOND);
  const lanes = useLanes((state) => state.lanes);
  const engine = useEngine(({ state }) => state);
  const columns = LANE_NAMES.flatMap((lane): Column[] => {
    const { take } = lanes[lane];
    if (!take) return [];
    const data = laneData(lane);
    const progress = data?.progress;
    const figures = progress
      ? figuresOf(progress.counters, progress.elapsedMs, progress.frames, take.pack.frameRate)
      : figuresOf(take.counters, take.wallMs, take.frames, take.pack.frameRate);
    const speedUp = speedUpOf(take, figures.tokensPerSecond, engine);
    const lookahead = lookaheadsOf(data?.cells.allRounds ?? []);
    return [{ lane, take, figures, speedUp, lookahead }];
  });
  const drafting = columns.filter(({ take }) => take.settings.method !== 'plain');
  return (
    <Panel title="Acceptance">
      {columns.length === 0 ? (
        <p className={styles.empty}>
          How many drafted tokens are kept, and how much faster that is, shows here once a lane
          holds a take.
        </p>
      ) : (
        <div className={styles.acceptance}>
          <div className={styles.numbers}>
            <Numbers columns={columns} />
            {columns.map(({ lane, take, figures }) => (
              <div key={lane} className={styles.draftRow}>
                <LaneMark lane={lane} />
                <DraftBar counters={figures.counters} method={take.settings.method} />
              </div>
            ))}
          </div>
          {drafting.length > 0 && (
            <div className={styles.charts}>
              <Histogram lanes={drafting.map(({ lane }) => lane)} />
              <figure className={styles.overTime}>
                <figcaption>α over time, last 40 rounds</figcaption>
                <AlphaChart />
              </figure>
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}

function LaneMark({ lane }: { lane: LaneName }) {
  return (
    <span className={styles.mark} data-lane={lane}>
      {lane}
    </span>
  );
}

interface Row {
  name: string;
  says: string;
  value: (figures: Figures) => number | null;
  show: (value: number) => string;
}

const ROWS: Row[] = [
  {
    name: 'α',
    says: 'Acceptance rate: accepted ÷ judged drafts. Ignored drafts were never judged.',
    value: ({ acceptanceRate }) => acceptanceRate,
    show: (value) => value.toFixed(3),
  },
  {
    name: 'τ',
    says: 'Block efficiency: tokens committed per target call.',
    value: ({ blockEfficiency }) => blockEfficiency,
    show: (value) => value.toFixed(2),
  },
  {
    name: 'tokens/s',
    says: 'Tokens committed per second of work.',
    value: ({ tokensPerSecond }) => tokensPerSecond,
    show: (value) => value.toFixed(0),
  },
  {
    name: 'real-time factor',
    says: 'Time taken ÷ length of the speech: under 1 is faster than it is spoken.',
    value: ({ realTimeFactor }) => realTimeFactor,
    show: (value) => value.toFixed(2),
  },
];

/** A row a figure; with two takes, B ÷ A stands beside them. */
function Numbers({ columns }: { columns: Column[] }) {
  const [a, b] = columns;
  const reservations = [...whyUnknown(columns), ...whyIncomparable(columns)];
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <td />
          {columns.map(({ lane, take }) => (
            <th key={lane} scope="col">
              <LaneMark lane={lane} /> {METHOD_LABELS[take.settings.method]}
            </th>
          ))}
          {b && <th scope="col">B ÷ A</th>}
        </tr>
      </thead>
      <tbody>
        {ROWS.map(({ name, says, value, show }) => (
          <tr key={name}>
            <th scope="row" title={says}>
              {name}
            </th>
            {columns.map(({ lane, figures }) => {
              const known = value(figures);
              return <td key={lane}>{known === null ? '–' : show(known)}</td>;
            })}
            {b && <td>{ratioOf(value(b.figures), value(a.figures))}</td>}
          </tr>
        ))}
        <tr>
          <th
            scope="row"
            title="Lookahead: tokens drafted in the newest round, and in all rounds on average."
          >
            K, mean K
          </th>
          {columns.map(({ lane, lookahead }) => (
            <td key={lane}>
              {lookahead ? `${lookahead.newest}, ${lookahead.mean.toFixed(2)}` : '–'}
            </td>
          ))}
          {b && <td>{ratioOf(b.lookahead?.mean ?? null, a.lookahead?.mean ?? null)}</td>}
        </tr>
        <tr>
          <th
            scope="row"
            title="Tokens per second ÷ those of plain decoding, measured on this machine."
          >
            speed-up
          </th>
          {columns.map(({ lane, speedUp }) => (
            <td key={lane} title={speedUp.known ? undefined : speedUp.why}>
              {speedUp.known ? `${speedUp.times.toFixed(2)}×` : '–'}
            </td>
          ))}
          {b && (
            <td>
              {a.speedUp.known && b.speedUp.known ? ratioOf(b.speedUp.times, a.speedUp.times) : '–'}
            </td>
          )}
        </tr>
      </tbody>
      {reservations.length > 0 && <caption>{reservations.join(' ')}</caption>}
    </table>
  );
}

function ratioOf(one: number | null, other: number | null): string {
  return one === null || other === null || other === 0 ? '–' : `${(one / other).toFixed(2)}×`;
}

function whyUnknown(columns: Column[]): string[] {
  const reasons = columns.flatMap(({ speedUp }) => (speedUp.known ? [] : [speedUp.why]));
  return reasons.length === 0 ? [] : [`No speed-up: ${[...new Set(reasons)].join(' ')}`];
}

/** θ is a cosine between one pack's own tokens, and α goes with it. */
function whyIncomparable(columns: Column[]): string[] {
  const [a, b] = columns.map(({ take }) => take.pack);
  if (!b || a.sha256 === b.sha256) return [];
  return [`Made with different voice packs: θ, α and τ of A and B do not compare.`];
}
