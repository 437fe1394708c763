import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import { scaledContext } from '../canvas';
import { colourOf, currentTheme, onTheme } from '../colours';
import { addPainter } from '../frame-scheduler';
import { inspect, letGo, useInspected } from '../inspected';
import { laneData, onLaneData } from '../lane-data';
import type { LaneName } from '../lane-name';
import { useLanes } from '../lanes';
import { playhead } from '../player';
import { bringInSight, useView } from '../view';
import { hit, moved, type RibbonPlace } from './hit';
import { layoutOf } from './layout';
import { paintRibbon } from './paint';
import { PALETTES } from './palette';
import styles from './ribbon.module.css';
import { spokenWords } from './words';

const REPAINTS_PER_SECOND = 30;
const ENDS = ['Home', 'End'];
const MOVES = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', ...ENDS];

/** One cell a frame, on the time axis of the waveform above it. */
export function Ribbon({ lane, onEnter }: { lane: LaneName; onEnter: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const inspected = useInspected((state) =>
    state.inspected?.lane === lane && state.inspected.isPinned ? state.inspected : null,
  );
  const data = laneData(lane);

  useEffect(() => (canvas.current ? drawInto(canvas.current, lane) : undefined), [lane]);

  const placeAt = (event: PointerEvent): RibbonPlace | null => {
    const data = laneData(lane);
    const box = canvas.current?.getBoundingClientRect();
    if (!data || !box) return null;
    const point = { x: event.clientX - box.left, y: event.clientY - box.top };
    const { axis } = useView.getState();
    return hit(point, data.cells, axis, data.frameRate, layoutOf(box.height));
  };

  const hover = (event: PointerEvent) => {
    if (useInspected.getState().inspected?.isPinned) return;
    const place = placeAt(event);
    if (place) inspect(lane, place, false);
  };

  const pin = (event: PointerEvent) => {
    const place = placeAt(event);
    const { inspected } = useInspected.getState();
    const isSame = inspected?.lane === lane && inspected.place.frame === place?.frame;
    if (!place || (isSame && inspected.isPinned && inspected.place.part === place.part)) letGo();
    else inspect(lane, place, true);
    useLanes.getState().setFocus(lane);
  };

  const move = (event: KeyboardEvent) => {
    const data = laneData(lane);
    if (!data || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      onEnter();
      return;
    }
    if (!MOVES.includes(event.key)) return;
    event.preventDefault();
    const { inspected } = useInspected.getState();
    const frame = Math.floor(playhead() * data.frameRate);
    const start = data.cells.nearest(Math.min(frame, data.cells.frames - 1), -1);
    if (start === null) return;
    const here = inspected?.lane === lane ? inspected.place : null;
    const from = here ?? { frame: start, part: 'token' as const };
    // The first arrow shows where one is; the ends are the ends from anywhere.
    const place = here || ENDS.includes(event.key) ? moved(from, event.key, data.cells) : from;
    inspect(lane, place, true);
    bringInSight(place.frame / data.frameRate);
  };

  return (
    <div
      className={styles.ribbon}
      data-ribbon={lane}
      role="slider"
      tabIndex={0}
      aria-label={`Tokens of lane ${lane}`}
      aria-description="Left and Right walk by frame, Down goes to a rejected draft, Up back to the token, Home and End to the ends, Enter to the members of the group."
      aria-valuemin={0}
      aria-valuenow={inspected?.place.frame ?? 0}
      aria-valuetext={
        inspected && data ? spokenWords(inspected.detail, inspected.place, data.frameRate) : 'none'
      }
      onPointerMove={hover}
      onPointerDown={pin}
      onKeyDown={move}
    >
      <canvas ref={canvas} className={styles.canvas} />
    </div>
  );
}

function drawInto(canvas: HTMLCanvasElement, lane: LaneName): () => void {
  const paint = () => {
    const context = scaledContext(canvas);
    if (!context) return;
    const { clientWidth, clientHeight } = canvas;
    const palette = PALETTES[currentTheme()];
    context.fillStyle = palette.ground;
    context.fillRect(0, 0, clientWidth, clientHeight);
    const data = laneData(lane);
    if (!data) return;
    const { inspected } = useInspected.getState();
    paintRibbon(context, {
      cells: data.cells,
      axis: useView.getState().axis,
      frameRate: data.frameRate,
      layout: layoutOf(clientHeight),
      palette,
      ratio: devicePixelRatio,
      inspected: inspected?.lane === lane ? inspected.place : null,
      outline: colourOf('--text'),
    });
  };
  const painter = addPainter(paint, REPAINTS_PER_SECOND);
  const resize = new ResizeObserver(painter.invalidate);
  resize.observe(canvas);
  const off = [
    onLaneData((changed) => {
      if (changed === lane) painter.invalidate();
    }),
    useView.subscribe(painter.invalidate),
    useInspected.subscribe(painter.invalidate),
    onTheme(painter.invalidate),
    () => resize.disconnect(),
    painter.dispose,
  ];
  return () => {
    for (const stop of off) stop();
  };
}
