import type { LaneName } from './lane-name';

/** A tenth of a second; a block is four of them, and begins with each. */
const STEPS_PER_SECOND = 10;
const STEPS_PER_BLOCK = 4;
const ABSOLUTE_GATE_DB = -70;
const RELATIVE_GATE_DB = -10;
/** Matching raises no peak above this, in dBFS. */
export const CEILING_DB = -1;

const powerToDb = (power: number) => 10 * Math.log10(power);
export const gainToDb = (gain: number) => 20 * Math.log10(gain);
const dbToGain = (db: number) => 10 ** (db / 20);

export interface Level {
  /** Gated RMS in dBFS; null for silence and for less than 400 ms. */
  rms: number | null;
  /** Largest absolute sample. */
  peak: number;
}

/**
 * The level of sound that grows: RMS over blocks of 400 ms, overlapping by 75 %, gated as in
 * ITU-R BS.1770 (−70 dB, then 10 dB below the mean of what is left) but without its K-weighting.
 */
export class LevelMeter {
  private readonly stepLength: number;
  private readonly steps: number[] = [];
  private sum = 0;
  private filled = 0;
  private largest = 0;

  /** @param sampleRate in Hz */
  constructor(sampleRate: number) {
    this.stepLength = Math.round(sampleRate / STEPS_PER_SECOND);
  }

  append(samples: Float32Array): void {
    for (const sample of samples) {
      const size = Math.abs(sample);
      if (size > this.largest) this.largest = size;
      this.sum += sample * sample;
      this.filled++;
      if (this.filled === this.stepLength) {
        this.steps.push(this.sum / this.stepLength);
        this.sum = 0;
        this.filled = 0;
      }
    }
  }

  get peak(): number {
    return this.largest;
  }

  level(): Level {
    const blocks: number[] = [];
    for (let first = 0; first + STEPS_PER_BLOCK <= this.steps.length; first++) {
      const steps = this.steps.slice(first, first + STEPS_PER_BLOCK);
      blocks.push(mean(steps));
    }
    const loud = blocks.filter((power) => powerToDb(power) > ABSOLUTE_GATE_DB);
    if (loud.length === 0) return { rms: null, peak: this.peak };
    const gate = powerToDb(mean(loud)) + RELATIVE_GATE_DB;
    const speech = loud.filter((power) => powerToDb(power) > gate);
    return { rms: powerToDb(mean(speech)), peak: this.peak };
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Gains that make both lanes equally loud. The quieter is raised as far as its peak allows, the
 * louder is turned down by what is left. Unknown levels are left alone.
 */
export function matchedGains(levels: Record<LaneName, Level>): Record<LaneName, number> {
  const { A, B } = levels;
  if (A.rms === null || B.rms === null) return { A: 1, B: 1 };
  const difference = A.rms - B.rms;
  const quieter = difference > 0 ? B : A;
  const headroom = Math.max(0, CEILING_DB - gainToDb(quieter.peak));
  const raise = Math.min(Math.abs(difference), headroom);
  const raised = dbToGain(raise);
  const lowered = dbToGain(raise - Math.abs(difference));
  return difference > 0 ? { A: lowered, B: raised } : { A: raised, B: lowered };
}
