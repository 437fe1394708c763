import { X } from 'lucide-react';
import { useRef } from 'react';
import { Label, ProgressBar } from 'react-aria-components';
import { IconButton } from '../controls/Button';
import { METHOD_LABELS } from '../script/methods';
import { showSeconds } from '../script/seconds';
import { cancelJobs, type Job, type Progress, useJobs } from './jobs';
import styles from './jobs.module.css';

/** The running take with its progress, and those that wait. */
export function JobList() {
  const jobs = useJobs((state) => state.jobs);
  if (jobs.length === 0) return null;
  return (
    <ul className={styles.jobs} aria-label="Takes being made">
      {jobs.map((job) => (
        <li key={job.id}>
          {job.state.phase === 'queued' ? (
            <Waiting job={job} />
          ) : (
            <Running
              job={job}
              progress={job.state.progress}
              frameRate={job.state.take.pack.frameRate}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Waiting({ job }: { job: Job }) {
  const row = useRef<HTMLDivElement>(null);
  return (
    <div ref={row} className={styles.job}>
      <span className={styles.lane} data-lane={job.lane}>
        {job.lane}
      </span>
      <span className={styles.waiting}>{METHOD_LABELS[job.settings.method]}, waiting</span>
      <IconButton
        name={`Take ${job.lane} out of the queue`}
        tooltip="Removes this waiting take."
        shortcut="Delete"
        shortcutWithin={row}
        icon={<X aria-hidden="true" />}
        onPress={() => void cancelJobs([job.id])}
      />
    </div>
  );
}

type RunningProps = { job: Job; progress: Progress | null; frameRate: number };

function Running({ job, progress, frameRate }: RunningProps) {
  const frames = progress?.frames ?? 0;
  const expected = Math.max(progress?.expectedFrames ?? 1, frames);
  return (
    <ProgressBar className={styles.progress} value={frames} maxValue={expected}>
      {({ percentage }) => (
        <>
          <div className={styles.progressTop}>
            <span className={styles.lane} data-lane={job.lane}>
              {job.lane}
            </span>
            <Label className={styles.method}>{METHOD_LABELS[job.settings.method]}</Label>
            <span className={styles.left}>{progress ? showTimeLeft(progress) : 'starting'}</span>
          </div>
          <div className={styles.rail}>
            <div className={styles.fill} data-lane={job.lane} style={{ width: `${percentage}%` }} />
          </div>
          <p className={styles.figures}>
            {progress && <Figures progress={progress} frameRate={frameRate} />}
          </p>
        </>
      )}
    </ProgressBar>
  );
}

function showTimeLeft({ frames, expectedFrames, elapsedMs }: Progress): string {
  if (frames === 0) return 'starting';
  const seconds = ((expectedFrames - frames) / frames) * (elapsedMs / 1000);
  return seconds < 0.5 ? 'nearly done' : `${showSeconds(seconds)} left`;
}

function Figures({ progress, frameRate }: { progress: Progress; frameRate: number }) {
  const { frames, elapsedMs, counters, piece, pieces } = progress;
  const seconds = frames / frameRate;
  return (
    <>
      <span>{counters.committed.toLocaleString('en')} tokens</span>
      <span>{seconds.toFixed(1)} s of speech</span>
      {seconds > 0 && <span>RTF {(elapsedMs / 1000 / seconds).toFixed(2)}</span>}
      {pieces > 1 && (
        <span>
          piece {piece + 1} of {pieces}
        </span>
      )}
    </>
  );
}
