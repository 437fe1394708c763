import { useEffect, useRef } from 'react';
import { scaledContext } from '../canvas';
import { currentTheme, onTheme } from '../colours';
import { addPainter } from '../frame-scheduler';
import { laneData, onLaneData } from '../lane-data';
import type { LaneName } from '../lane-name';
import { timeToX } from '../time-axis';
import { useView } from '../view';
import { HEAT, PITCH_COLOURS } from './heat';
import { BANDS, FRAMES_PER_SECOND, HIGHEST_PITCH, LOWEST_PITCH } from './spectrum';
import styles from './spectrum.module.css';

const REPAINTS_PER_SECOND = 30;

/** Spectrum of a lane from 0 to 8 kHz with its pitch over it, under the waveform. */
export function Spectrogram({ lane }: { lane: LaneName }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? drawInto(canvas.current, lane) : undefined), [lane]);
  return (
    <div className={styles.spectrogram} data-spectrogram={lane} aria-hidden="true">
      <canvas ref={canvas} className={styles.canvas} />
      <span className={styles.scale}>
        0–8 kHz · pitch {LOWEST_PITCH}–{HIGHEST_PITCH} Hz
      </span>
    </div>
  );
}

function drawInto(canvas: HTMLCanvasElement, lane: LaneName): () => void {
  const picture = document.createElement('canvas');
  picture.height = BANDS;
  const paint = () => {
    const context = scaledContext(canvas);
    if (!context) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    const heat = HEAT[currentTheme()];
    context.clearRect(0, 0, width, height);
    const spectrum = laneData(lane)?.spectrum;
    const { axis } = useView.getState();
    if (!spectrum || spectrum.frames === 0) return;
    const columns = Math.ceil(width);
    picture.width = columns;
    const into = picture.getContext('2d');
    if (!into) return;
    const image = into.createImageData(columns, BANDS);
    const pixels = new Uint32Array(image.data.buffer);
    const perColumn = FRAMES_PER_SECOND / axis.pixelsPerSecond;
    for (let x = 0; x < columns; x++) {
      const frame = Math.floor((axis.start + x / axis.pixelsPerSecond) * FRAMES_PER_SECOND);
      if (frame >= spectrum.frames) break;
      const end = Math.min(spectrum.frames, Math.max(frame + 1, Math.floor(frame + perColumn)));
      for (let band = 0; band < BANDS; band++) {
        let level = 0;
        for (let at = frame; at < end; at++) {
          level = Math.max(level, spectrum.levels[at * BANDS + band]);
        }
        pixels[(BANDS - 1 - band) * columns + x] = heat[level];
      }
    }
    into.putImageData(image, 0, 0);
    context.drawImage(picture, 0, 0, columns, BANDS, 0, 0, columns, height);
    paintPitch(context, spectrum, height);
  };
  const painter = addPainter(paint, REPAINTS_PER_SECOND);
  const resize = new ResizeObserver(painter.invalidate);
  resize.observe(canvas);
  const off = [
    onLaneData((changed) => {
      if (changed === lane) painter.invalidate();
    }),
    useView.subscribe(painter.invalidate),
    onTheme(painter.invalidate),
    () => resize.disconnect(),
    painter.dispose,
  ];
  return () => {
    for (const stop of off) stop();
  };
}

/** On a scale of octaves; broken where there is no pitch. */
function paintPitch(
  context: CanvasRenderingContext2D,
  { pitch, frames }: { pitch: Float32Array; frames: number },
  height: number,
): void {
  const { axis } = useView.getState();
  const first = Math.max(0, Math.floor(axis.start * FRAMES_PER_SECOND) - 1);
  const seconds = axis.width / axis.pixelsPerSecond;
  const end = Math.min(frames, Math.ceil((axis.start + seconds) * FRAMES_PER_SECOND) + 1);
  const octaves = Math.log2(HIGHEST_PITCH / LOWEST_PITCH);
  context.beginPath();
  let isVoiced = false;
  for (let frame = first; frame < end; frame++) {
    if (pitch[frame] === 0) {
      isVoiced = false;
      continue;
    }
    const x = timeToX(axis, (frame + 0.5) / FRAMES_PER_SECOND);
    const y = height * (1 - Math.log2(pitch[frame] / LOWEST_PITCH) / octaves);
    if (isVoiced) context.lineTo(x, y);
    else context.moveTo(x, y);
    isVoiced = true;
  }
  const { ground, line } = PITCH_COLOURS[currentTheme()];
  context.lineJoin = 'round';
  context.strokeStyle = ground;
  context.lineWidth = 4;
  context.stroke();
  context.strokeStyle = line;
  context.lineWidth = 1.75;
  context.stroke();
}
