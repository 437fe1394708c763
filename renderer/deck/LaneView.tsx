import styles from './deck.module.css';
import { LaneHeader } from './LaneHeader';
import type { LaneName } from './lane-name';
import { type LanePhase, useLanes } from './lanes';
import { Plot } from './Plot';
import { Legend } from './ribbon/Legend';
import { Ribbon } from './ribbon/Ribbon';
import { WordStrip } from './words/WordStrip';

const MESSAGES: Record<Exclude<LanePhase, 'ready'>, string> = {
  empty: 'Empty. Generate a take, or send one here from the list of takes.',
  queued: 'Waiting for the take before it.',
  loading: 'Opening the take.',
  generating: '',
  failed: 'No sound was made.',
};

/** One lane: what is in it, its waveform, and its tokens on the same time axis. */
export function LaneView({ lane, onEnter }: { lane: LaneName; onEnter: () => void }) {
  const { phase, take, failure } = useLanes(({ lanes }) => lanes[lane]);
  const problem = failure?.message ?? take?.problem;
  const isFocus = useLanes(({ focus }) => focus === lane);
  const message =
    phase === 'ready' ? null : phase === 'failed' ? (problem ?? MESSAGES.failed) : MESSAGES[phase];
  return (
    <section
      className={styles.lane}
      aria-label={`Lane ${lane}`}
      data-lane={lane}
      data-phase={phase}
      data-focus={isFocus}
    >
      <LaneHeader lane={lane} />
      <div className={styles.plots}>
        <Plot lane={lane} />
        <WordStrip lane={lane} />
        <div className={styles.ribbonBox}>
          <Ribbon lane={lane} onEnter={onEnter} />
        </div>
        {message && <p className={styles.message}>{message}</p>}
      </div>
      <div className={styles.laneFooter}>
        {take && <Legend lane={lane} method={take.settings.method} />}
        {problem && phase === 'ready' && <span className={styles.problem}>{problem}</span>}
      </div>
    </section>
  );
}
