import FFT from 'fft.js';
import { PitchDetector } from 'pitchy';

export const FRAMES_PER_SECOND = 100;
/** Evenly spaced from 0 to `TOP_HZ`. */
export const BANDS = 128;
export const TOP_HZ = 8000;
/** Levels are stored as bytes: 0 is this or less, 255 a full-scale sine. In dB. */
export const FLOOR_DB = -90;
export const LOWEST_PITCH = 60;
export const HIGHEST_PITCH = 500;

const WINDOW_SECONDS = 0.025;
const PITCH_SECONDS = 0.05;
/** How far a stretch must repeat itself to have a pitch, of 1 (McLeod). */
const CLARITY = 0.85;
const QUIETEST_PITCH_DB = -50;

/** What is new of a spectrum: whole frames only. */
export interface SpectrumFrames {
  /** [frames × BANDS] */
  levels: Uint8Array;
  /** [frames], in Hz; 0 where there is none. */
  pitch: Float32Array;
}

export const levelToDb = (level: number) => FLOOR_DB * (1 - level / 255);

/** Spectrum and pitch of mono sound that grows, a frame every 10 ms, each centred on its middle. */
export class SpectrumAnalyser {
  private readonly hop: number;
  private readonly length: number;
  private readonly reach: number;
  private readonly window: Float32Array;
  private readonly fft: FFT;
  private readonly spectrum: number[];
  private readonly input: Float32Array;
  private readonly pitchInput: Float32Array;
  private readonly pitches: PitchDetector<Float32Array>;
  /** Sound that frames to come still need, beginning at sample `restStart`. */
  private rest = new Float32Array(0);
  private restStart = 0;
  private frames = 0;

  /** @param sampleRate in Hz */
  constructor(private readonly sampleRate: number) {
    this.hop = sampleRate / FRAMES_PER_SECOND;
    this.length = Math.round(WINDOW_SECONDS * sampleRate);
    const size = 2 ** Math.ceil(Math.log2(this.length));
    this.fft = new FFT(size);
    this.spectrum = this.fft.createComplexArray();
    this.input = new Float32Array(size);
    this.window = Float32Array.from(
      { length: this.length },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / this.length),
    );
    this.pitchInput = new Float32Array(Math.round(PITCH_SECONDS * sampleRate));
    this.pitches = PitchDetector.forFloat32Array(this.pitchInput.length);
    this.pitches.clarityThreshold = CLARITY;
    this.pitches.minVolumeDecibels = QUIETEST_PITCH_DB;
    this.reach = Math.ceil(this.pitchInput.length / 2);
  }

  /** Takes the next sound; returns the frames that it completes, all that are left with `isLast`. */
  append(samples: Float32Array, isLast = false): SpectrumFrames {
    const sound = new Float32Array(this.rest.length + samples.length);
    sound.set(this.rest);
    sound.set(samples, this.rest.length);
    const end = this.restStart + sound.length;
    const whole = Math.floor((isLast ? end : end - this.reach) / this.hop - (isLast ? 0 : 0.5));
    const count = Math.max(0, whole - this.frames);
    const made = { levels: new Uint8Array(count * BANDS), pitch: new Float32Array(count) };
    for (let i = 0; i < count; i++) {
      const centre = Math.round((this.frames + 0.5) * this.hop) - this.restStart;
      this.measure(sound, centre, made.levels.subarray(i * BANDS, (i + 1) * BANDS));
      made.pitch[i] = this.pitchAt(sound, centre);
      this.frames++;
    }
    const needed = Math.round((this.frames + 0.5) * this.hop) - this.reach - 1;
    const from = Math.min(sound.length, Math.max(0, needed - this.restStart));
    this.rest = sound.slice(from);
    this.restStart += from;
    return made;
  }

  private measure(sound: Float32Array, centre: number, levels: Uint8Array): void {
    const first = centre - (this.length >> 1);
    for (let i = 0; i < this.length; i++) {
      this.input[i] = this.window[i] * (sound[first + i] ?? 0);
    }
    this.fft.realTransform(this.spectrum, this.input);
    const perBin = this.sampleRate / this.input.length;
    const scale = 4 / this.length;
    for (let band = 0; band < BANDS; band++) {
      const low = Math.round((band * TOP_HZ) / BANDS / perBin);
      const high = Math.max(low + 1, Math.round(((band + 1) * TOP_HZ) / BANDS / perBin));
      let power = 0;
      for (let bin = low; bin < Math.min(high, this.input.length / 2); bin++) {
        const [real, imaginary] = [this.spectrum[2 * bin], this.spectrum[2 * bin + 1]];
        power = Math.max(power, real * real + imaginary * imaginary);
      }
      const db = 10 * Math.log10(power * scale * scale + 1e-12);
      levels[band] = Math.round(255 * Math.min(1, Math.max(0, 1 - db / FLOOR_DB)));
    }
  }

  private pitchAt(sound: Float32Array, centre: number): number {
    const first = centre - (this.pitchInput.length >> 1);
    for (let i = 0; i < this.pitchInput.length; i++) this.pitchInput[i] = sound[first + i] ?? 0;
    const [hertz, clarity] = this.pitches.findPitch(this.pitchInput, this.sampleRate);
    const isPitch = clarity >= CLARITY && hertz >= LOWEST_PITCH && hertz <= HIGHEST_PITCH;
    return isPitch ? hertz : 0;
  }
}
