import { describe, expect, it } from 'vitest';
import { gainToDb, type Level, LevelMeter, matchedGains } from './levels';

const RATE = 16_000;
const sine = (seconds: number, amplitude: number, hertz = 1000, phase = 0) =>
  Float32Array.from(
    { length: seconds * RATE },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / RATE + phase),
  );

function levelOf(...parts: Float32Array[]): Level {
  const meter = new LevelMeter(RATE);
  for (const part of parts) meter.append(part);
  return meter.level();
}

describe('LevelMeter', () => {
  it('measures a sine of 1 kHz 3 LU below its amplitude', () => {
    const { loudness, rms, truePeak } = levelOf(sine(2, 0.5));
    expect(loudness).toBeCloseTo(gainToDb(0.5) - 3.01, 1);
    expect(rms).toBeCloseTo(gainToDb(0.5) - 3.01, 2);
    expect(truePeak).toBeCloseTo(gainToDb(0.5), 1);
  });

  it('sees the peaks between samples', () => {
    // Four samples a period, none nearer than 45° to a peak.
    const samples = sine(1, 0.8, RATE / 4, Math.PI / 4).subarray(0, RATE - 3);
    const meter = new LevelMeter(RATE);
    meter.append(samples);
    expect(meter.peak).toBeCloseTo(0.8 * Math.SQRT1_2, 5);
    expect(meter.level().truePeak).toBeGreaterThan(gainToDb(0.8) - 0.1);
  });

  it('does not count silence', () => {
    const alone = levelOf(sine(4, 0.5)).loudness!;
    expect(levelOf(sine(4, 0.5), new Float32Array(20 * RATE)).loudness).toBeCloseTo(alone, 0);
  });

  it('gives the same level however the sound arrives', () => {
    const sound = sine(3, 0.3, 777);
    const parts = [sound.subarray(0, 5), sound.subarray(5, 20_001), sound.subarray(20_001)];
    expect(levelOf(...parts)).toEqual(levelOf(sound));
  });

  it('knows no loudness of silence or of less than 400 ms, but the RMS of what is short', () => {
    expect(levelOf(new Float32Array(RATE))).toMatchObject({ loudness: null, rms: null });
    const short = levelOf(sine(0.3, 0.5));
    expect(short.loudness).toBeNull();
    expect(short.rms).toBeCloseTo(gainToDb(0.5) - 3.01, 2);
  });
});

describe('matchedGains', () => {
  const level = (loudness: number | null, truePeak: number, rms = -20): Level => ({
    loudness,
    rms,
    truePeak,
  });

  it('raises the quieter where it has room', () => {
    const gains = matchedGains({ A: level(-20, -6), B: level(-26, -14) });
    expect(gains.A).toBeCloseTo(1, 9);
    expect(gainToDb(gains.B)).toBeCloseTo(6, 9);
  });

  it('turns the louder down by what the quieter true peak does not allow', () => {
    const gains = matchedGains({ A: level(-26, -3), B: level(-20, -6) });
    expect(gainToDb(gains.A)).toBeCloseTo(2, 9);
    expect(gainToDb(gains.B)).toBeCloseTo(-4, 9);
  });

  it('turns both down where a true peak is above −1 dBTP', () => {
    const gains = matchedGains({ A: level(-20, 0.5), B: level(-20, -6) });
    expect(gainToDb(gains.A)).toBeCloseTo(-1.5, 9);
    expect(gains.B).toBeCloseTo(gains.A, 9);
  });

  it('goes by RMS where one is too short to have a loudness', () => {
    const gains = matchedGains({ A: level(null, -10, -26), B: level(-18, -6, -20) });
    expect(gainToDb(gains.A)).toBeCloseTo(6, 9);
    expect(gains.B).toBeCloseTo(1, 9);
  });

  it('leaves both alone while one is silent', () => {
    const silence: Level = { loudness: null, rms: null, truePeak: Number.NEGATIVE_INFINITY };
    expect(matchedGains({ A: silence, B: level(-20, -3) })).toEqual({ A: 1, B: 1 });
  });
});
