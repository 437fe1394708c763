import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import { useShortcut } from '../shortcuts/useShortcut';
import styles from './deck.module.css';
import { useDeckSettings } from './deck-settings';
import { LoopRange } from './LoopRange';
import { longestSeconds } from './lane-data';
import type { LaneName } from './lane-name';
import { useLanes } from './lanes';
import { clearLoop, loopOver, regionBetween, useLoop } from './loop';
import { Playhead } from './Playhead';
import { onPlayhead, playhead, seek } from './player';
import { Spectrogram } from './spectrum/Spectrogram';
import { showTime, timeToX, xToTime } from './time-axis';
import { bringInSight, useView } from './view';
import { Waveform } from './Waveform';

/** A drag shorter than this is a click. */
const DRAG_PIXELS = 4;
const HANDLE_PIXELS = 5;
const ARROW_SECONDS = 0.1;
const PAGE_SECONDS = 1;
const SAID_EVERY_MS = 250;

/**
 * The waveform of a lane with playhead and loop region. A click seeks, a drag loops; for the
 * keyboard it is a slider over time, and Tab, pressed in it, goes to the other lane.
 */
export function Plot({ lane }: { lane: LaneName }) {
  const box = useRef<HTMLDivElement>(null);
  const isFocus = useLanes(({ focus }) => focus === lane);
  const showSpectrogram = useDeckSettings((settings) => settings.showSpectrogram);
  /** The end of the region that stays while the other one is dragged. */
  const anchor = useRef<{ seconds: number; x: number; isDrag: boolean } | null>(null);

  useShortcut(
    'Tab',
    `Hear the other lane, from the waveform of ${lane}`,
    () => {
      const { focus, switchLane } = useLanes.getState();
      if (focus === lane) switchLane();
      document.querySelector<HTMLElement>(`[data-plot="${useLanes.getState().focus}"]`)?.focus();
    },
    { within: box },
  );
  useEffect(() => (box.current ? sayPlayhead(box.current) : undefined), []);

  const xOf = (event: PointerEvent) =>
    event.clientX - (box.current?.getBoundingClientRect().left ?? 0);
  const timeOf = (event: PointerEvent) =>
    Math.min(longestSeconds('seconds'), xToTime(useView.getState().axis, xOf(event)));

  const press = (event: PointerEvent) => {
    if (event.button !== 0 || longestSeconds('seconds') === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    useLanes.getState().setFocus(lane);
    const x = xOf(event);
    const handle = oppositeOfHandle(x);
    anchor.current = { seconds: handle ?? timeOf(event), x, isDrag: handle !== null };
  };
  const drag = (event: PointerEvent) => {
    if (!anchor.current) {
      const isHandle = oppositeOfHandle(xOf(event)) !== null;
      if (box.current) box.current.style.cursor = isHandle ? 'ew-resize' : '';
      return;
    }
    if (Math.abs(xOf(event) - anchor.current.x) >= DRAG_PIXELS) anchor.current.isDrag = true;
    if (!anchor.current.isDrag) return;
    const region = regionBetween(anchor.current.seconds, timeOf(event));
    if (region) useLoop.setState({ region, isOn: false });
  };
  const release = (event: PointerEvent) => {
    const from = anchor.current;
    anchor.current = null;
    if (!from) return;
    if (!from.isDrag) {
      seek(timeOf(event));
      return;
    }
    const region = regionBetween(from.seconds, timeOf(event));
    if (region) loopOver(region);
  };
  const steer = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = event.shiftKey ? PAGE_SECONDS : ARROW_SECONDS;
    const seconds: Record<string, number> = {
      ArrowLeft: playhead() - step,
      ArrowRight: playhead() + step,
      PageDown: playhead() - PAGE_SECONDS,
      PageUp: playhead() + PAGE_SECONDS,
      Home: 0,
      End: longestSeconds('seconds'),
    };
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      document.querySelector<HTMLElement>(`[data-ribbon="${lane}"]`)?.focus();
    }
    if (!(event.key in seconds)) return;
    event.preventDefault();
    const to = Math.min(Math.max(0, seconds[event.key]), longestSeconds('seconds'));
    seek(to);
    bringInSight(to);
  };

  return (
    <div
      ref={box}
      className={styles.plot}
      data-plot={lane}
      data-spectrum={showSpectrogram}
      role="slider"
      tabIndex={isFocus ? 0 : -1}
      aria-label={`Playhead, lane ${lane}`}
      aria-description="Tab hears the other lane. Arrow keys move the playhead, Down goes to the tokens, Shift+Tab leaves."
      aria-valuemin={0}
      aria-valuemax={0}
      aria-valuenow={0}
      onPointerDown={press}
      onPointerMove={drag}
      onPointerUp={release}
      onPointerCancel={() => {
        anchor.current = null;
      }}
      onDoubleClick={clearLoop}
      onKeyDown={steer}
    >
      <Waveform lane={lane} />
      {showSpectrogram && <Spectrogram lane={lane} />}
      <LoopRange lane={lane} />
      <Playhead lane={lane} />
    </div>
  );
}

/** The time of the region's other end when `x` is on one of its ends. */
function oppositeOfHandle(x: number): number | null {
  const { region } = useLoop.getState();
  const { axis } = useView.getState();
  if (!region) return null;
  if (Math.abs(timeToX(axis, region.start) - x) <= HANDLE_PIXELS) return region.end;
  if (Math.abs(timeToX(axis, region.end) - x) <= HANDLE_PIXELS) return region.start;
  return null;
}

/** Tells assistive technology where the playhead is, a few times a second. */
function sayPlayhead(element: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = () => {
    timer = undefined;
    const whole = longestSeconds('seconds');
    element.ariaValueMax = whole.toFixed(2);
    element.ariaValueNow = Math.min(whole, playhead()).toFixed(2);
    element.ariaValueText = `${showTime(playhead(), 1)} of ${showTime(whole, 1)}`;
  };
  const off = onPlayhead(() => {
    timer ??= setTimeout(say, SAID_EVERY_MS);
  });
  return () => {
    off();
    clearTimeout(timer);
  };
}
