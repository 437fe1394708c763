import type { Counters } from '../../contract/counters';
import type { JobEvent } from '../../contract/job';
import type { Round } from '../../contract/rounds';
import type { Take } from '../../contract/take';
import { LANE_NAMES, type LaneName } from './lane-name';
import { type Level, LevelMeter } from './levels';
import { Peaks } from './peaks';
import { RibbonCells } from './ribbon/cells';
import { LaneSpectrum } from './spectrum/lane-spectrum';

export type Progress = Extract<JobEvent, { type: 'progress' }>;

/** What is drawn of a lane. It grows many times a second and is never React's state. */
export class LaneData {
  readonly peaks = new Peaks();
  readonly cells: RibbonCells;
  readonly spectrum: LaneSpectrum;
  readonly sampleRate: number;
  readonly frameRate: number;
  /** The newest of a running job; null before the first and for a take that was opened. */
  progress: Progress | null = null;
  private readonly meter: LevelMeter;

  constructor({ pack, settings }: Pick<Take, 'pack' | 'settings'>) {
    this.sampleRate = pack.sampleRate;
    this.frameRate = pack.frameRate;
    this.cells = new RibbonCells(settings.method === 'plain');
    this.meter = new LevelMeter(pack.sampleRate);
    this.spectrum = new LaneSpectrum(pack.sampleRate, () => {
      for (const lane of LANE_NAMES) if (data[lane] === this) laneDataChanged(lane);
    });
  }

  /** Seconds of sound and of tokens so far, whichever is more. */
  get seconds(): number {
    return Math.max(this.peaks.length / this.sampleRate, this.cells.frames / this.frameRate);
  }

  /** As `seconds`, but as long as the take is expected to become while it grows. */
  get expectedSeconds(): number {
    return Math.max(this.seconds, (this.progress?.expectedFrames ?? 0) / this.frameRate);
  }

  /** Largest absolute sample so far. */
  get peak(): number {
    return this.meter.peak;
  }

  get level(): Level {
    return this.meter.level();
  }

  appendSound(samples: Float32Array): void {
    this.peaks.append(samples);
    this.meter.append(samples);
    this.spectrum.append(samples);
  }

  /** There is no more sound. */
  finish(): void {
    this.progress = null;
    this.spectrum.finish();
  }

  appendRounds(rounds: readonly Round[]): void {
    this.cells.append(rounds);
  }

  /** Counters of a running job so far, else null. */
  get counters(): Counters | null {
    return this.progress?.counters ?? null;
  }
}

const data: Record<LaneName, LaneData | null> = { A: null, B: null };
const listeners = new Set<(lane: LaneName) => void>();

export function laneData(lane: LaneName): LaneData | null {
  return data[lane];
}

export function replaceLaneData(lane: LaneName, next: LaneData | null): void {
  data[lane]?.spectrum.close();
  data[lane] = next;
  laneDataChanged(lane);
}

/** Listens to every change of what is drawn. Returns its own off switch. */
export function onLaneData(listener: (lane: LaneName) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function laneDataChanged(lane: LaneName): void {
  for (const listener of listeners) listener(lane);
}

/** Length of the longer lane, in seconds. */
export function longestSeconds(of: 'seconds' | 'expectedSeconds'): number {
  return Math.max(...LANE_NAMES.map((lane) => data[lane]?.[of] ?? 0));
}

/** Largest absolute sample of both lanes. */
export function loudestPeak(): number {
  return Math.max(...LANE_NAMES.map((lane) => data[lane]?.peak ?? 0));
}
