import { BANDS, FLOOR_DB, FRAMES_PER_SECOND } from '../spectrum/spectrum';

/** What of a lane is compared. */
export interface Compared {
  /** Token of each frame; −1 where there is none. */
  tokens: Int32Array;
  /** Frames of tokens. */
  frames: number;
  /** Of tokens, a second. */
  frameRate: number;
  /** [frames of the spectrum × BANDS] */
  levels: Uint8Array;
  spectrumFrames: number;
  /** In dB, as the lane is played. */
  gain: number;
}

/** Quieter than this, sound is taken for silence: what nobody hears makes no difference. In dB. */
const SILENCE_DB = -75;
const DB_PER_LEVEL = -FLOOR_DB / 255;

/** Whether the lanes hold different tokens at a moment of each; null where one holds none. */
export function tokensDiffer(
  [here, inHere]: readonly [Compared, number],
  [there, inThere]: readonly [Compared, number],
): boolean | null {
  const tokenAt = ({ tokens, frames, frameRate }: Compared, seconds: number) => {
    // The left edge of a frame belongs to it in spite of rounding.
    const frame = Math.floor(seconds * frameRate + 1e-6);
    return frame >= 0 && frame < frames ? tokens[frame] : -1;
  };
  const [one, other] = [tokenAt(here, inHere), tokenAt(there, inThere)];
  return one < 0 || other < 0 ? null : one !== other;
}

/** Mean difference of the bands at a moment of each lane, in dB; null where one has no sound. */
export function spectralDifference(
  [here, inHere]: readonly [Compared, number],
  [there, inThere]: readonly [Compared, number],
): number | null {
  const one = Math.floor(inHere * FRAMES_PER_SECOND + 1e-6);
  const other = Math.floor(inThere * FRAMES_PER_SECOND + 1e-6);
  if (one < 0 || other < 0 || one >= here.spectrumFrames || other >= there.spectrumFrames) {
    return null;
  }
  let sum = 0;
  for (let band = 0; band < BANDS; band++) {
    const a = FLOOR_DB + here.levels[one * BANDS + band] * DB_PER_LEVEL + here.gain;
    const b = FLOOR_DB + there.levels[other * BANDS + band] * DB_PER_LEVEL + there.gain;
    sum += Math.abs(Math.max(SILENCE_DB, a) - Math.max(SILENCE_DB, b));
  }
  return sum / BANDS;
}

export interface Summary {
  /** Share of the compared tokens that differ; null where none could be compared. */
  tokens: number | null;
  /** Mean over time, in dB; null where nothing could be compared. */
  spectrum: number | null;
}

/** Over all of a lane. `sameIn` gives the moment of the other lane that one of this is compared with. */
export function summarise(
  here: Compared,
  there: Compared,
  sameIn: (seconds: number) => number,
): Summary {
  let [compared, different] = [0, 0];
  for (let frame = 0; frame < here.frames; frame++) {
    const middle = (frame + 0.5) / here.frameRate;
    const differ = tokensDiffer([here, middle], [there, sameIn(middle)]);
    if (differ === null) continue;
    compared++;
    if (differ) different++;
  }
  let [heard, sum] = [0, 0];
  for (let frame = 0; frame < here.spectrumFrames; frame++) {
    const middle = (frame + 0.5) / FRAMES_PER_SECOND;
    const difference = spectralDifference([here, middle], [there, sameIn(middle)]);
    if (difference === null) continue;
    heard++;
    sum += difference;
  }
  return {
    tokens: compared === 0 ? null : different / compared,
    spectrum: heard === 0 ? null : sum / heard,
  };
}
