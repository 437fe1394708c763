import { useEffect, useRef } from 'react';
import { scaledContext } from '../canvas';
import { colourOf, onTheme } from '../colours';
import { useDeckSettings } from '../deck-settings';
import { addPainter } from '../frame-scheduler';
import { laneData, onLaneData } from '../lane-data';
import { type LaneName, otherLane } from '../lane-name';
import { useLanes } from '../lanes';
import { gainToDb } from '../levels';
import { momentInOther, useSpokenWords } from '../spoken-words';
import { endOf, timeToX, xToTime } from '../time-axis';
import { useLaneTick } from '../use-lane-tick';
import { useView } from '../view';
import { type Compared, spectralDifference, summarise, tokensDiffer } from './difference';
import styles from './difference.module.css';

const REPAINTS_PER_SECOND = 10;
const COLUMN_WIDTH = 2;
/** Differences of spectrum from here on are painted alike, in dB. */
const FULL_DB = 12;

/**
 * Where the lane that is not heard differs from the one that is, on the time of the latter, as a
 * switch would compare them: in the same word, or at the same time.
 */
export function DifferenceStrip() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? drawInto(canvas.current) : undefined), []);
  return (
    <div className={styles.strip} data-differences>
      <Words />
      <canvas ref={canvas} className={styles.canvas} />
    </div>
  );
}

/** The whole in a sentence. */
function Words() {
  useLaneTick(1);
  const focus = useLanes((state) => state.focus);
  const mode = useDeckSettings((settings) => settings.switchMode);
  const map = useSpokenWords((state) => state.map);
  const pair = comparedLanes(focus);
  if (!pair) return <p className={styles.words}>Differences show once both lanes hold a take.</p>;
  const { tokens, spectrum } = summarise(...pair, sameIn(focus));
  const by = mode === 'word' && map ? 'word by word' : 'at the same time';
  return (
    <p className={styles.words} role="status">
      Compared {by}: {tokens === null ? 'no tokens' : `${Math.round(100 * tokens)} % of tokens`}{' '}
      differ
      {spectrum !== null && `, the spectrum by ${spectrum.toFixed(1)} dB on average`}
    </p>
  );
}

function comparedLanes(focus: LaneName): [here: Compared, there: Compared] | null {
  const [here, there] = [compared(focus), compared(otherLane(focus))];
  return here && there ? [here, there] : null;
}

function compared(lane: LaneName): Compared | null {
  const data = laneData(lane);
  if (!data) return null;
  const { cells, frameRate, spectrum } = data;
  return {
    tokens: cells.tokens,
    frames: cells.frames,
    frameRate,
    levels: spectrum.levels,
    spectrumFrames: spectrum.frames,
    gain: gainToDb(useLanes.getState().lanes[lane].gain),
  };
}

function sameIn(focus: LaneName): (seconds: number) => number {
  const byWord = useDeckSettings.getState().switchMode === 'word';
  return byWord ? (seconds) => momentInOther(focus, seconds) : (seconds) => seconds;
}

function drawInto(canvas: HTMLCanvasElement): () => void {
  const paint = () => {
    const context = scaledContext(canvas);
    if (!context) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    context.clearRect(0, 0, width, height);
    const { focus } = useLanes.getState();
    const pair = comparedLanes(focus);
    if (!pair) return;
    const [here, there] = pair;
    const same = sameIn(focus);
    const { axis } = useView.getState();
    const half = Math.floor(height / 2);
    const { frameRate, frames } = here;
    const [differ, equal, ink] = [
      colourOf('--accent'),
      colourOf('--line-strong'),
      colourOf('--text'),
    ];
    const first = Math.max(0, Math.floor(axis.start * frameRate));
    const end = Math.min(frames, Math.ceil(endOf(axis) * frameRate));
    for (let frame = first; frame < end; frame++) {
      const middle = (frame + 0.5) / frameRate;
      const is = tokensDiffer([here, middle], [there, same(middle)]);
      if (is === null) continue;
      context.fillStyle = is ? differ : equal;
      const x = timeToX(axis, frame / frameRate);
      const gap = axis.pixelsPerSecond / frameRate >= 4 ? 1 : 0;
      context.fillRect(x, 1, axis.pixelsPerSecond / frameRate - gap, half - 2);
    }
    context.fillStyle = ink;
    for (let x = 0; x < width; x += COLUMN_WIDTH) {
      const seconds = xToTime(axis, x + COLUMN_WIDTH / 2);
      const difference = spectralDifference([here, seconds], [there, same(seconds)]);
      if (difference === null) continue;
      const size = Math.min(1, difference / FULL_DB) * half;
      context.globalAlpha = 0.75;
      context.fillRect(x, height - size, COLUMN_WIDTH, size);
    }
    context.globalAlpha = 1;
  };
  const painter = addPainter(paint, REPAINTS_PER_SECOND);
  const resize = new ResizeObserver(painter.invalidate);
  resize.observe(canvas);
  const off = [
    onLaneData(painter.invalidate),
    useView.subscribe(painter.invalidate),
    useLanes.subscribe(painter.invalidate),
    useDeckSettings.subscribe(painter.invalidate),
    useSpokenWords.subscribe(painter.invalidate),
    onTheme(painter.invalidate),
    () => resize.disconnect(),
    painter.dispose,
  ];
  return () => {
    for (const stop of off) stop();
  };
}
