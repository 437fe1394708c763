import type { Suspicion } from '../../contract/project';
import type { Take } from '../../contract/take';

/** A pause of a speaker is shorter. */
const SILENCE_SECONDS = 1;
/** Under the loudest window, in dB. */
const SILENCE_DB = -45;
const WINDOW_SECONDS = 0.01;

/** Far from the expected length: by this factor, and by more than this. */
const LENGTH_FACTOR = 1.6;
const LENGTH_SECONDS = 1;

/** Full scale in so many samples in a row is no peak but a cut one. */
const CLIPPED_RUN = 3;
const FULL_SCALE = 0.999;

/**
 * What about a take should be listened to before it is used: it ran into the pack's longest piece,
 * is silent for over a second where the text asks for no pause, lasts far longer or shorter than `expectedSeconds`, or is clipped.
 * `samples` are mono, ±1, at `sampleRate` Hz.
 */
export function suspicionsOf(
  take: Pick<Take, 'pieces' | 'pack'>,
  samples: Float32Array,
  sampleRate: number,
  expectedSeconds: number,
): Suspicion[] {
  const suspicions: Suspicion[] = [];
  if (take.pieces.some(({ end }) => end === 'maximumLength')) suspicions.push('didNotStop');
  if (longestSilence(spokenPart(take, samples, sampleRate), sampleRate) > SILENCE_SECONDS)
    suspicions.push('silence');
  if (isFarFrom(samples.length / sampleRate, expectedSeconds)) suspicions.push('length');
  if (isClipped(samples)) suspicions.push('clipped');
  return suspicions;
}

/** A sound without the silences between its pieces, which were asked for. */
function spokenPart(
  { pieces, pack }: Pick<Take, 'pieces' | 'pack'>,
  samples: Float32Array,
  sampleRate: number,
): Float32Array {
  const at = (frame: number) => Math.round((frame / pack.frameRate) * sampleRate);
  const ends = pieces.map(({ startFrame, frames }) => at(startFrame + frames));
  const parts = [
    ...pieces.map(({ startFrame }, i) => samples.subarray(i === 0 ? 0 : at(startFrame), ends[i])),
    samples.subarray(ends.at(-1) ?? 0),
  ];
  const spoken = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const part of parts) {
    spoken.set(part, to);
    to += part.length;
  }
  return spoken;
}

/** In seconds; of a sound that is silent throughout, all of it. */
export function longestSilence(samples: Float32Array, sampleRate: number): number {
  const width = Math.max(1, Math.round(sampleRate * WINDOW_SECONDS));
  const powers: number[] = [];
  for (let from = 0; from < samples.length; from += width) {
    const to = Math.min(samples.length, from + width);
    let sum = 0;
    for (let i = from; i < to; i++) sum += samples[i] * samples[i];
    powers.push(sum / (to - from));
  }
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const threshold = loudest * 10 ** (SILENCE_DB / 10);
  let longest = 0;
  let run = 0;
  for (const power of powers) {
    run = power <= threshold ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return (longest * width) / sampleRate;
}

function isFarFrom(seconds: number, expected: number): boolean {
  if (Math.abs(seconds - expected) <= LENGTH_SECONDS) return false;
  return seconds > expected * LENGTH_FACTOR || seconds < expected / LENGTH_FACTOR;
}

function isClipped(samples: Float32Array): boolean {
  let run = 0;
  for (const sample of samples) {
    run = Math.abs(sample) >= FULL_SCALE ? run + 1 : 0;
    if (run === CLIPPED_RUN) return true;
  }
  return false;
}
