import { describe, expect, it } from 'vitest';
import { seededUniform } from '../decoding/random';
import { ditherTo16, roundTo24 } from './dither';
import { decibels, rms, splitTone, tone } from './testing/tones';

describe('ditherTo16', () => {
  it('adds noise of half a step RMS: a full-scale sine keeps 93.3 dB', () => {
    const sine = tone(997, 4, 48_000, 0.9);
    const { samples, clipped } = ditherTo16(sine, seededUniform(1));
    expect(clipped).toBe(0);
    const noise = Float32Array.from(samples, (sample, i) => sample / 32768 - sine[i]);
    // Rounding has a variance of 1/12 step², triangular dither of 2/12: together 1/4.
    expect(rms(noise) * 32768).toBeGreaterThan(0.495);
    expect(rms(noise) * 32768).toBeLessThan(0.505);
    // 0.9 ÷ √2 over half a step: 92.3 dB, and 0.1 dB of the estimate either way.
    const snr = decibels(rms(sine) / rms(noise));
    expect(snr).toBeGreaterThan(92.2);
    expect(snr).toBeLessThan(92.5);
  });

  it('keeps a tone under one step, and makes no harmonics of it', () => {
    // Without dither this rounds to silence.
    const faint = tone(1000, 8, 48_000, 0.4 / 32768);
    const { samples } = ditherTo16(faint, seededUniform(2));
    const heard = Float32Array.from(samples);
    // The estimate's deviation is √(2·¼ ÷ 384,000) ≈ 0.0011 steps: these bounds are nine of them.
    expect(splitTone(heard, 1000, 48_000).amplitude).toBeGreaterThan(0.39);
    expect(splitTone(heard, 1000, 48_000).amplitude).toBeLessThan(0.41);
    for (const harmonic of [2000, 3000, 5000]) {
      expect(splitTone(heard, harmonic, 48_000).amplitude).toBeLessThan(0.01);
    }
  });

  it('gives the same bytes for the same generator, and others for another', () => {
    const sine = tone(440, 0.1, 16_000);
    const once = ditherTo16(sine, seededUniform(3)).samples;
    expect(ditherTo16(sine, seededUniform(3)).samples).toEqual(once);
    expect(ditherTo16(sine, seededUniform(4)).samples).not.toEqual(once);
  });

  it('clips instead of wrapping around, and counts', () => {
    const { samples, clipped } = ditherTo16(Float32Array.of(2, -2, 1.5, 0.5), seededUniform(5));
    expect([...samples.subarray(0, 3)]).toEqual([32767, -32768, 32767]);
    expect(clipped).toBe(3);
  });
});

describe('roundTo24', () => {
  it('rounds to the nearest step', () => {
    const step = 2 ** -23;
    const { samples, clipped } = roundTo24(
      Float32Array.of(0, 1.4 * step, 1.6 * step, -1.6 * step, 1, -1, 3),
    );
    expect([...samples]).toEqual([0, 1, 2, -2, 8388607, -8388608, 8388607]);
    expect(clipped).toBe(1);
  });
});
