import { setImmediate } from 'node:timers/promises';
import libsamplerate from '@alexanderolsen/libsamplerate-js';

/** More than the filter of the best converter looks ahead, at any ratio met here. */
const TAIL_SECONDS = 0.1;
const CHUNK_SECONDS = 0.5;

/**
 * Mono samples at another rate: round(n · to ÷ from) of them, aligned with the original. Lets other
 * work through between chunks, since a minute of sound takes about a second.
 */
export async function resample(
  samples: Float32Array,
  from: number,
  to: number,
): Promise<Float32Array> {
  if (from === to) return samples;
  const resampled = new Float32Array(Math.round((samples.length * to) / from));
  // A converter keeps the end of what it was fed last: each file has its own.
  const converter = await libsamplerate.create(1, from, to, {
    converterType: libsamplerate.ConverterType.SRC_SINC_BEST_QUALITY,
  });
  try {
    const padded = new Float32Array(samples.length + Math.ceil(TAIL_SECONDS * from));
    padded.set(samples);
    const chunk = Math.ceil(CHUNK_SECONDS * from);
    let written = 0;
    for (let start = 0; start < padded.length; start += chunk) {
      const part = converter.full(padded.subarray(start, start + chunk));
      const room = resampled.length - written;
      resampled.set(part.subarray(0, room), written);
      written += Math.min(part.length, room);
      await setImmediate();
    }
    return resampled;
  } finally {
    converter.destroy();
  }
}
