import { describe, expect, it } from 'vitest';
import { seededUniform } from '../decoding/random';
import { factorOf, type Levels, MATCH_CEILING, matchGain, measureLevels } from './loudness';
import { tone } from './testing/tones';

describe('measureLevels', () => {
  it('follows ITU-R BS.1770: a full-scale sine of 997 Hz in one channel is −3.01 LUFS', () => {
    const levels = measureLevels(tone(997, 5, 48_000, 1), 48_000);
    expect(levels.loudness).toBeCloseTo(-3.01, 2);
    expect(levels.rms).toBeCloseTo(-3.01, 2);
    expect(levels.truePeak).toBeCloseTo(0, 1);
    // The filters are fitted to each rate; at the lowest one met here they differ by 0.04 LU.
    for (const rate of [16_000, 22_050, 24_000, 44_100]) {
      const { loudness } = measureLevels(tone(997, 5, rate, 0.1), rate);
      expect(Math.abs(loudness! + 23.01)).toBeLessThan(0.05);
    }
  });

  it('leaves silence out of the integration, as its gate demands', () => {
    const sound = new Float32Array(48_000 * 20);
    sound.set(tone(997, 5, 48_000, 0.1), 48_000 * 10);
    // Blocks that begin or end in the silence take 0.25 LU; an ungated mean would take 6.
    expect(Math.abs(measureLevels(sound, 48_000).loudness! + 23.01)).toBeLessThan(0.3);
  });

  it('finds the peak between samples', () => {
    const between = Float32Array.from({ length: 48_000 }, (_, i) =>
      Math.sin((Math.PI / 2) * i + Math.PI / 4),
    );
    expect(Math.max(...between)).toBeLessThan(0.708);
    const { truePeak } = measureLevels(between, 48_000);
    // Four times oversampling is allowed to miss by 0.5 dB.
    expect(Math.abs(truePeak)).toBeLessThan(0.5);
  });

  it('has no loudness for silence, nothing, and less than 400 ms', () => {
    expect(measureLevels(new Float32Array(16_000), 16_000)).toEqual({
      loudness: null,
      truePeak: -Infinity,
      rms: -Infinity,
    });
    expect(measureLevels(new Float32Array(0), 16_000).loudness).toBeNull();
    const short = measureLevels(tone(440, 0.39, 16_000), 16_000);
    expect(short.loudness).toBeNull();
    expect(short.rms).toBeCloseTo(-9.03, 1);
    expect(measureLevels(tone(440, 0.41, 16_000), 16_000).loudness).not.toBeNull();
  });
});

describe('matchGain', () => {
  const gained = (samples: Float32Array, decibels: number) =>
    samples.map((sample) => sample * factorOf(decibels));

  it('makes two sounds equally loud, with no gain above 0', () => {
    const uniform = seededUniform(1);
    const quiet = tone(440, 2, 16_000, 0.1);
    const loud = Float32Array.from({ length: 32_000 }, () => 0.6 * (uniform() - 0.5));
    const gain = matchGain(measureLevels(quiet, 16_000), measureLevels(loud, 16_000));
    expect(Math.max(gain.a, gain.b)).toBe(0);
    const a = measureLevels(gained(quiet, gain.a), 16_000).loudness!;
    const b = measureLevels(gained(loud, gain.b), 16_000).loudness!;
    expect(a).toBeCloseTo(b, 2);
  });

  it('lowers both where a true peak would stay above the ceiling', () => {
    const a: Levels = { loudness: -20, truePeak: 2, rms: -22 };
    const b: Levels = { loudness: -18, truePeak: -6, rms: -20 };
    const gain = matchGain(a, b);
    expect(a.loudness! + gain.a).toBeCloseTo(b.loudness! + gain.b, 9);
    expect(a.truePeak + gain.a).toBeCloseTo(MATCH_CEILING, 9);
    expect(b.truePeak + gain.b).toBeLessThan(MATCH_CEILING);
  });

  it('matches by RMS where a sound is too short, and leaves silence out', () => {
    const short: Levels = { loudness: null, truePeak: -6, rms: -12 };
    const long: Levels = { loudness: -20, truePeak: -6, rms: -18 };
    expect(matchGain(short, long)).toEqual({ a: -6, b: 0 });
    const silence = measureLevels(new Float32Array(16_000), 16_000);
    expect(matchGain(silence, long)).toEqual({ a: 0, b: 0 });
    expect(matchGain(silence, silence)).toEqual({ a: 0, b: 0 });
  });
});
