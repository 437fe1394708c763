import { useDeckSettings } from '../deck-settings';
import { BANDS, type SpectrumFrames } from './spectrum';
import type { SpectrumCommand, SpectrumReport } from './spectrum-worker';

const open = new Map<number, LaneSpectrum>();
let worker: Worker | null = null;
let opened = 0;

const isWanted = ({ showSpectrogram, showDifferences } = useDeckSettings.getState()) =>
  showSpectrogram || showDifferences;

useDeckSettings.subscribe((settings) => {
  if (isWanted(settings)) for (const spectrum of open.values()) spectrum.flush();
});

/**
 * Spectrum and pitch of a take that grows, made in a worker, and only once they are shown: until
 * then the sound waits here.
 */
export class LaneSpectrum {
  /** [frames × BANDS], see `FLOOR_DB`. */
  levels = new Uint8Array(0);
  /** [frames], in Hz; 0 where there is none. */
  pitch = new Float32Array(0);
  frames = 0;
  /** No other take's. */
  readonly id = opened++;
  private waiting: Float32Array[] = [];
  private isOver = false;

  /** @param sampleRate in Hz */
  constructor(
    private readonly sampleRate: number,
    private readonly onFrames: () => void,
  ) {
    open.set(this.id, this);
  }

  append(samples: Float32Array): void {
    // Long sound in parts, so that its beginning is seen while the rest is worked on.
    for (let from = 0; from < samples.length; from += this.sampleRate) {
      this.waiting.push(samples.subarray(from, from + this.sampleRate));
    }
    if (isWanted()) this.flush();
  }

  /** There is no more sound. */
  finish(): void {
    this.isOver = true;
    this.waiting.push(new Float32Array(0));
    if (isWanted()) this.flush();
  }

  close(): void {
    open.delete(this.id);
    if (worker) post({ type: 'close', id: this.id });
  }

  flush(): void {
    const { id, sampleRate, waiting } = this;
    this.waiting = [];
    waiting.forEach((samples, i) => {
      const isLast = this.isOver && i === waiting.length - 1;
      // A copy of the part alone, not of the whole sound behind it.
      post({ type: 'append', id, sampleRate, samples: samples.slice(), isLast });
    });
  }

  receive({ levels, pitch }: SpectrumFrames): void {
    const frames = this.frames + pitch.length;
    if (frames > this.pitch.length) {
      const room = Math.max(frames, 2 * this.pitch.length);
      const [olderLevels, olderPitch] = [this.levels, this.pitch];
      this.levels = new Uint8Array(room * BANDS);
      this.levels.set(olderLevels);
      this.pitch = new Float32Array(room);
      this.pitch.set(olderPitch);
    }
    this.levels.set(levels, this.frames * BANDS);
    this.pitch.set(pitch, this.frames);
    this.frames = frames;
    this.onFrames();
  }
}

function post(command: SpectrumCommand): void {
  if (!worker) {
    worker = new Worker(new URL('./spectrum-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<SpectrumReport>) => open.get(data.id)?.receive(data);
  }
  worker.postMessage(command);
}
