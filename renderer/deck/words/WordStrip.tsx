import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { scaledContext } from '../canvas';
import { colourOf, onTheme } from '../colours';
import { addPainter } from '../frame-scheduler';
import type { LaneName } from '../lane-name';
import { useLanes } from '../lanes';
import { loopWord, useLoop } from '../loop';
import { playhead } from '../player';
import { useSpokenWords, wordAt } from '../spoken-words';
import { endOf, timeToX, xToTime } from '../time-axis';
import { bringInSight, useView } from '../view';
import styles from './words.module.css';

const REPAINTS_PER_SECOND = 30;
const PADDING = 3;

/** The words of a lane where they are heard: a click loops one. */
export function WordStrip({ lane }: { lane: LaneName }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const words = useSpokenWords((state) => state.words[lane]);
  const [at, setAt] = useState(0);

  const isKnown = words.length > 0;

  // The canvas comes and goes with the words.
  useEffect(
    () => (isKnown && canvas.current ? drawInto(canvas.current, lane) : undefined),
    [lane, isKnown],
  );

  const loop = (index: number) => {
    useLanes.getState().setFocus(lane);
    setAt(index);
    bringInSight(words[index].start);
    loopWord(words[index]);
  };
  const press = (event: PointerEvent) => {
    const left = canvas.current?.getBoundingClientRect().left ?? 0;
    const seconds = xToTime(useView.getState().axis, event.clientX - left);
    const index = wordAt(lane, seconds);
    if (event.button === 0 && index !== null) loop(index);
  };
  const walk = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const last = words.length - 1;
    const here = Math.min(at, last);
    const steps: Record<string, number> = {
      ArrowLeft: Math.max(0, here - 1),
      ArrowRight: Math.min(last, here + 1),
      Home: 0,
      End: last,
      Enter: here,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    loop(steps[event.key]);
  };

  if (!isKnown) return <div className={styles.strip} data-words={lane} />;
  const current = words[Math.min(at, words.length - 1)];
  return (
    <div
      className={styles.strip}
      data-words={lane}
      role="slider"
      tabIndex={0}
      aria-label={`Words of lane ${lane}`}
      aria-description="A click loops a word. Left and Right loop the one before and behind, Enter loops this one."
      aria-valuemin={1}
      aria-valuemax={words.length}
      aria-valuenow={Math.min(at, words.length - 1) + 1}
      aria-valuetext={`${current.text}, ${current.start.toFixed(2)} seconds`}
      onPointerDown={press}
      onKeyDown={walk}
      onFocus={() => setAt(wordAt(lane, playhead()) ?? 0)}
    >
      <canvas ref={canvas} className={styles.canvas} />
    </div>
  );
}

function drawInto(canvas: HTMLCanvasElement, lane: LaneName): () => void {
  const paint = () => {
    const context = scaledContext(canvas);
    if (!context) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    context.clearRect(0, 0, width, height);
    const { axis } = useView.getState();
    const { region, isOn } = useLoop.getState();
    const isFocus = useLanes.getState().focus === lane;
    context.font = `500 11px ${colourOf('--font')}`;
    context.textBaseline = 'middle';
    const [ink, line, wash] = [colourOf('--text'), colourOf('--line'), colourOf('--accent-wash')];
    for (const { text, start, end } of useSpokenWords.getState().words[lane]) {
      if (end < axis.start) continue;
      if (start > endOf(axis)) break;
      const x = timeToX(axis, start);
      const room = timeToX(axis, end) - x;
      const middle = (start + end) / 2;
      if (isOn && isFocus && region && middle >= region.start && middle < region.end) {
        context.fillStyle = wash;
        context.fillRect(x, 0, room, height);
      }
      context.fillStyle = line;
      context.fillRect(x, 0, 1, height);
      context.fillRect(x + room, 0, 1, height);
      context.fillStyle = ink;
      const wide = context.measureText(text).width;
      if (wide <= room - 2) context.fillText(text, x + (room - wide) / 2 + 0.5, height / 2 + 0.5);
      else if (room > 4 * PADDING) {
        context.save();
        context.beginPath();
        context.rect(x + PADDING, 0, room - PADDING, height);
        context.clip();
        context.fillText(text, x + PADDING, height / 2 + 0.5);
        context.restore();
      }
    }
  };
  const painter = addPainter(paint, REPAINTS_PER_SECOND);
  const resize = new ResizeObserver(painter.invalidate);
  resize.observe(canvas);
  const off = [
    useView.subscribe(painter.invalidate),
    useSpokenWords.subscribe(painter.invalidate),
    useLoop.subscribe(painter.invalidate),
    useLanes.subscribe(painter.invalidate),
    onTheme(painter.invalidate),
    () => resize.disconnect(),
    painter.dispose,
  ];
  return () => {
    for (const stop of off) stop();
  };
}
