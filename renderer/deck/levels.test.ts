import { describe, expect, it } from 'vitest';
import { gainToDb, type Level, LevelMeter, matchedGains } from './levels';

const RATE = 16_000;
const sine = (seconds: number, amplitude: number) =>
  Float32Array.from(
    { length: seconds * RATE },
    (_, i) => amplitude * Math.sin((2 * Math.PI * 100 * i) / RATE),
  );

function levelOf(...parts: Float32Array[]): Level {
  const meter = new LevelMeter(RATE);
  for (const part of parts) meter.append(part);
  return meter.level();
}

describe('LevelMeter', () => {
  it('measures a sine 3.01 dB below its amplitude', () => {
    const { rms, peak } = levelOf(sine(2, 0.5));
    expect(rms).toBeCloseTo(gainToDb(0.5) - 3.0103, 2);
    expect(peak).toBeCloseTo(0.5, 4);
  });

  it('does not count silence', () => {
    const alone = levelOf(sine(4, 0.5)).rms!;
    expect(levelOf(sine(4, 0.5), new Float32Array(20 * RATE)).rms).toBeCloseTo(alone, 0);
  });

  it('gives the same level however the sound arrives', () => {
    const sound = sine(3, 0.3);
    const parts = [sound.subarray(0, 777), sound.subarray(777, 20_001), sound.subarray(20_001)];
    expect(levelOf(...parts)).toEqual(levelOf(sound));
  });

  it('knows no level of silence or of less than 400 ms', () => {
    expect(levelOf(new Float32Array(RATE)).rms).toBeNull();
    expect(levelOf(sine(0.3, 0.5)).rms).toBeNull();
  });
});

describe('matchedGains', () => {
  it('raises the quieter where it has room', () => {
    const gains = matchedGains({ A: { rms: -20, peak: 0.5 }, B: { rms: -26, peak: 0.2 } });
    expect(gains.A).toBeCloseTo(1, 9);
    expect(gainToDb(gains.B)).toBeCloseTo(6, 9);
  });

  it('turns the louder down by what the quieter peak does not allow', () => {
    const levels = { A: { rms: -26, peak: 0.7 }, B: { rms: -20, peak: 0.5 } };
    const gains = matchedGains(levels);
    expect(gainToDb(levels.A.peak * gains.A)).toBeCloseTo(-1, 9);
    expect(levels.A.rms + gainToDb(gains.A)).toBeCloseTo(levels.B.rms + gainToDb(gains.B), 9);
    expect(gains.B).toBeLessThan(1);
  });

  it('never lowers the quieter, even when its peak is above the ceiling already', () => {
    const gains = matchedGains({ A: { rms: -26, peak: 1 }, B: { rms: -20, peak: 0.5 } });
    expect(gains.A).toBe(1);
    expect(gainToDb(gains.B)).toBeCloseTo(-6, 9);
  });

  it('leaves both alone while one is unknown', () => {
    const gains = matchedGains({ A: { rms: null, peak: 0 }, B: { rms: -20, peak: 0.5 } });
    expect(gains).toEqual({ A: 1, B: 1 });
  });
});
