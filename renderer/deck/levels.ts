import type { LaneName } from './lane-name';
import { TruePeak } from './true-peak';

/** A tenth of a second; a block is four of them, and begins with each. */
const STEPS_PER_SECOND = 10;
const STEPS_PER_BLOCK = 4;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;
/** BS.1770: a full-scale sine of 1 kHz measures −3.01 LUFS. */
const OFFSET_LU = -0.691;
/** Matched lanes have no true peak above this, in dBTP. */
export const CEILING_DB = -1;

const powerToDb = (power: number) => 10 * Math.log10(power);
export const gainToDb = (gain: number) => 20 * Math.log10(gain);
const dbToGain = (db: number) => 10 ** (db / 20);

export interface Level {
  /** Integrated loudness in LUFS; null for silence and for less than 400 ms. */
  loudness: number | null;
  /** RMS in dBFS; null for silence. */
  rms: number | null;
  /** True peak in dBTP; −∞ for silence. */
  truePeak: number;
}

/**
 * The level of mono sound that grows: ITU-R BS.1770 (K-weighting, blocks of 400 ms that overlap by
 * 75 %, gated at −70 LUFS and then 10 LU below the mean of what is left).
 */
export class LevelMeter {
  private readonly stepLength: number;
  private readonly steps: number[] = [];
  private readonly weighting: Biquad[];
  private readonly truePeak = new TruePeak();
  private sum = 0;
  private filled = 0;
  private squares = 0;
  private length = 0;
  private largest = 0;

  /** @param sampleRate in Hz */
  constructor(sampleRate: number) {
    this.stepLength = Math.round(sampleRate / STEPS_PER_SECOND);
    this.weighting = [shelf(sampleRate), highPass(sampleRate)];
  }

  append(samples: Float32Array): void {
    const [shelf, highPass] = this.weighting;
    for (const sample of samples) {
      const size = Math.abs(sample);
      if (size > this.largest) this.largest = size;
      this.squares += sample * sample;
      this.sum += highPass.next(shelf.next(sample)) ** 2;
      this.filled++;
      if (this.filled === this.stepLength) {
        this.steps.push(this.sum / this.stepLength);
        this.sum = 0;
        this.filled = 0;
      }
    }
    this.length += samples.length;
    this.truePeak.append(samples);
  }

  /** Largest absolute sample. */
  get peak(): number {
    return this.largest;
  }

  level(): Level {
    return {
      loudness: this.loudness(),
      rms: this.squares === 0 ? null : powerToDb(this.squares / this.length),
      truePeak: gainToDb(this.truePeak.peak),
    };
  }

  private loudness(): number | null {
    const { steps } = this;
    const blocks: number[] = [];
    for (let first = 0; first + STEPS_PER_BLOCK <= steps.length; first++) {
      blocks.push(mean(steps.slice(first, first + STEPS_PER_BLOCK)));
    }
    const lufs = (power: number) => OFFSET_LU + powerToDb(power);
    const loud = blocks.filter((power) => lufs(power) > ABSOLUTE_GATE_LUFS);
    if (loud.length === 0) return null;
    const gate = lufs(mean(loud)) + RELATIVE_GATE_LU;
    return lufs(mean(loud.filter((power) => lufs(power) > gate)));
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A filter of second order, in the transposed direct form II. */
class Biquad {
  private one = 0;
  private two = 0;

  constructor(
    private readonly b: readonly [number, number, number],
    private readonly a: readonly [number, number],
  ) {}

  next(input: number): number {
    const output = this.b[0] * input + this.one;
    this.one = this.b[1] * input - this.a[0] * output + this.two;
    this.two = this.b[2] * input - this.a[1] * output;
    return output;
  }
}

/** The head's part of K-weighting. BS.1770 gives its coefficients at 48 kHz; these are its analogue's. */
function shelf(sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return new Biquad(
    [
      (high + (band * k) / q + k * k) / a0,
      (2 * (k * k - high)) / a0,
      (high - (band * k) / q + k * k) / a0,
    ],
    [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  );
}

/** The other part of K-weighting: nobody hears rumble as loud. */
function highPass(sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return new Biquad([1, -2, 1], [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0]);
}

/**
 * Gains that make both lanes equally loud, by loudness or, where a lane has none, by RMS: as loud
 * as the louder one, or as no true peak above the ceiling allows. A silent lane is matched to
 * nothing.
 */
export function matchedGains({ A, B }: Record<LaneName, Level>): Record<LaneName, number> {
  const known = A.loudness !== null && B.loudness !== null;
  const [a, b] = known ? [A.loudness, B.loudness] : [A.rms, B.rms];
  if (a === null || b === null) return { A: 1, B: 1 };
  const target = Math.min(
    Math.max(a!, b!),
    a! + CEILING_DB - A.truePeak,
    b! + CEILING_DB - B.truePeak,
  );
  return { A: dbToGain(target - a!), B: dbToGain(target - b!) };
}
