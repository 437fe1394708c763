import { useEffect, useRef } from 'react';
import { scaledContext } from '../canvas';
import { currentTheme, onTheme } from '../colours';
import { addPainter } from '../frame-scheduler';
import { laneData, onLaneData } from '../lane-data';
import type { LaneName } from '../lane-name';
import { type TimeAxis, timeToX, xToTime } from '../time-axis';
import { useView } from '../view';
import { HEAT, PITCH_COLOURS } from './heat';
import type { LaneSpectrum } from './lane-spectrum';
import { BANDS, FRAMES_PER_SECOND, HIGHEST_PITCH, LOWEST_PITCH } from './spectrum';
import styles from './spectrum.module.css';

const REPAINTS_PER_SECOND = 20;

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
  const picture = new Picture();
  const paint = () => {
    const context = scaledContext(canvas);
    if (!context) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    context.clearRect(0, 0, width, height);
    const spectrum = laneData(lane)?.spectrum;
    if (!spectrum || spectrum.frames === 0) return;
    const columns = Math.ceil(width);
    const image = picture.of(spectrum, useView.getState().axis, columns);
    context.drawImage(image, 0, 0, columns, BANDS, 0, 0, columns, height);
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

/** A spectrum as an image, a column a pixel and a row a band; a growing one is only gone on with. */
class Picture {
  private readonly canvas = document.createElement('canvas');
  private readonly context = this.canvas.getContext('2d', { willReadFrequently: true });
  private scene = '';
  private filled = 0;

  of(spectrum: LaneSpectrum, axis: TimeAxis, columns: number): HTMLCanvasElement {
    const theme = currentTheme();
    const scene = [spectrum.id, axis.start, axis.pixelsPerSecond, columns, theme].join(' ');
    if (scene !== this.scene) {
      this.scene = scene;
      this.filled = 0;
      this.canvas.width = columns;
      this.canvas.height = BANDS;
    }
    const end = Math.floor(timeToX(axis, spectrum.frames / FRAMES_PER_SECOND));
    this.fill(spectrum, axis, Math.min(columns, end), HEAT[theme]);
    return this.canvas;
  }

  private fill({ levels, frames }: LaneSpectrum, axis: TimeAxis, end: number, heat: Uint32Array) {
    const from = this.filled;
    const count = end - from;
    if (count <= 0 || !this.context) return;
    const image = this.context.createImageData(count, BANDS);
    const pixels = new Uint32Array(image.data.buffer);
    const loudest = new Uint8Array(BANDS);
    for (let x = 0; x < count; x++) {
      const first = Math.floor(xToTime(axis, from + x) * FRAMES_PER_SECOND);
      const behind = Math.floor(xToTime(axis, from + x + 1) * FRAMES_PER_SECOND);
      loudest.fill(0);
      for (let frame = first; frame < Math.min(frames, Math.max(first + 1, behind)); frame++) {
        for (let band = 0; band < BANDS; band++) {
          const level = levels[frame * BANDS + band];
          if (level > loudest[band]) loudest[band] = level;
        }
      }
      for (let band = 0; band < BANDS; band++) {
        pixels[(BANDS - 1 - band) * count + x] = heat[loudest[band]];
      }
    }
    this.context.putImageData(image, from, 0);
    this.filled = end;
  }
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
