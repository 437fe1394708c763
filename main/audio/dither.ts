import { FULL_SCALE } from './wav';

/** Integers ready for a WAV file, and how many samples were beyond full scale and are clipped. */
export type Quantised<T> = { samples: T; clipped: number };

/**
 * To 16 bits with triangular dither of ±1 step, which makes the rounding error noise that neither
 * depends on the signal nor breathes with it. `random` gives uniform numbers in [0, 1).
 */
export function ditherTo16(samples: Float32Array, random: () => number): Quantised<Int16Array> {
  return quantise(samples, new Int16Array(samples.length), FULL_SCALE.int16, () => {
    return random() - random();
  });
}

/** To 24 bits, to the nearest step: its error lies under the noise of any converter. */
export function roundTo24(samples: Float32Array): Quantised<Int32Array> {
  return quantise(samples, new Int32Array(samples.length), FULL_SCALE.int24, () => 0);
}

function quantise<T extends Int16Array | Int32Array>(
  samples: Float32Array,
  integers: T,
  fullScale: number,
  dither: () => number,
): Quantised<T> {
  let clipped = 0;
  for (let i = 0; i < samples.length; i++) {
    const scaled = samples[i] * fullScale;
    if (scaled > fullScale || scaled < -fullScale) clipped++;
    const rounded = Math.round(scaled + dither());
    integers[i] = Math.max(-fullScale, Math.min(fullScale - 1, rounded));
  }
  return { samples: integers, clipped };
}
