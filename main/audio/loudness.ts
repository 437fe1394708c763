import { integratedLoudness, truePeak } from './ebur128';

/** The peak that matched takes keep under, in dBTP. */
export const MATCH_CEILING = -1;

/** How loud a sound is. −∞ stands for digital silence. */
export type Levels = {
  /** Integrated, in LUFS; null for silence and for less than 400 ms, which it is not defined for. */
  loudness: number | null;
  /** dBTP */
  truePeak: number;
  /** dBFS */
  rms: number;
};

/** Levels of mono samples at `sampleRate` Hz. */
export function measureLevels(samples: Float32Array, sampleRate: number): Levels {
  const loudness = integratedLoudness(samples, sampleRate);
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  return {
    loudness: Number.isFinite(loudness) ? loudness : null,
    truePeak: truePeak(samples, sampleRate),
    rms: 10 * Math.log10(squares / Math.max(1, samples.length)),
  };
}

/**
 * Gains in dB, none above 0, that make two sounds equally loud: the louder one comes down, and both
 * do where a true peak would stay above `MATCH_CEILING`. Where either has no loudness, both are
 * matched by RMS; silence is matched to nothing.
 */
export function matchGain(a: Levels, b: Levels): { a: number; b: number } {
  const [levelA, levelB] =
    a.loudness !== null && b.loudness !== null ? [a.loudness, b.loudness] : [a.rms, b.rms];
  const difference = Number.isFinite(levelA) && Number.isFinite(levelB) ? levelA - levelB : 0;
  const gainA = difference > 0 ? -difference : 0;
  const gainB = difference < 0 ? difference : 0;
  const over = Math.max(0, a.truePeak + gainA - MATCH_CEILING, b.truePeak + gainB - MATCH_CEILING);
  return { a: gainA - over, b: gainB - over };
}

/** The factor of a gain in dB. */
export function factorOf(decibels: number): number {
  return 10 ** (decibels / 20);
}
