import { useEffect, useRef } from 'react';
import WaveSurfer from 'wavesurfer.js';
import { colourOf, onTheme } from './colours';
import styles from './deck.module.css';
import { addPainter } from './frame-scheduler';
import { laneData, loudestPeak, onLaneData } from './lane-data';
import type { LaneName } from './lane-name';
import { endOf } from './time-axis';
import { useView } from './view';

const REPAINTS_PER_SECOND = 30;
/** Sound quieter than this fills the height no more. */
const LEAST_FULL_SCALE = 0.25;

/**
 * The waveform of a lane. wavesurfer draws the stretch of time that is in sight, from peaks that
 * are kept as the sound comes: it holds no sound, plays none and decodes none.
 */
export function Waveform({ lane }: { lane: LaneName }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => (box.current ? drawInto(box.current, lane) : undefined), [lane]);
  return <div ref={box} className={styles.wave} data-lane={lane} aria-hidden="true" />;
}

function drawInto(box: HTMLElement, lane: LaneName): () => void {
  const waveColor = () => colourOf(lane === 'A' ? '--lane-a' : '--lane-b');
  const wave = WaveSurfer.create({
    container: box,
    height: 'auto',
    waveColor: waveColor(),
    progressColor: 'transparent',
    cursorWidth: 0,
    interact: false,
    hideScrollbar: true,
    autoScroll: false,
    cspNonce: document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce,
  });
  let shown = '';
  let high = new Float32Array(0);
  let low = new Float32Array(0);

  const paint = () => {
    const data = laneData(lane);
    const { axis } = useView.getState();
    const seconds = data
      ? Math.min(endOf(axis), data.peaks.length / data.sampleRate) - axis.start
      : 0;
    const width = Math.min(axis.width, Math.floor(seconds * axis.pixelsPerSecond));
    const height = box.clientHeight;
    const isEmpty = !data || width < 1 || height === 0;
    // Hidden, because wavesurfer draws a line where it holds nothing.
    box.style.visibility = isEmpty ? 'hidden' : 'visible';
    if (isEmpty) {
      shown = '';
      return;
    }
    // Both lanes on one scale: what looks louder is louder.
    const fullScale = Math.min(1, Math.max(LEAST_FULL_SCALE, loudestPeak()));
    const { length } = data.peaks;
    const scene = [axis.start, axis.pixelsPerSecond, width, height, length, fullScale].join(' ');
    if (scene === shown) return;
    shown = scene;
    const columns = Math.round(width * devicePixelRatio);
    if (high.length !== columns) {
      high = new Float32Array(columns);
      low = new Float32Array(columns);
    }
    const from = axis.start * data.sampleRate;
    data.peaks.columns(from, from + (width / axis.pixelsPerSecond) * data.sampleRate, high, low);
    for (let column = 0; column < columns; column++) {
      high[column] = Math.min(1, Math.max(0, high[column] / fullScale));
      low[column] = Math.max(-1, Math.min(0, low[column] / fullScale));
    }
    wave.options.width = width;
    // A newer repaint took over: nothing to say.
    wave.load('', [high, low], width / axis.pixelsPerSecond).catch(() => undefined);
  };
  const painter = addPainter(paint, REPAINTS_PER_SECOND);
  const repaint = () => {
    shown = '';
    painter.invalidate();
  };

  const resize = new ResizeObserver(repaint);
  resize.observe(box);
  const off = [
    onLaneData(painter.invalidate),
    useView.subscribe(painter.invalidate),
    onTheme(() => {
      wave.options.waveColor = waveColor();
      repaint();
    }),
    () => resize.disconnect(),
    painter.dispose,
    () => wave.destroy(),
  ];
  return () => {
    for (const stop of off) stop();
  };
}
