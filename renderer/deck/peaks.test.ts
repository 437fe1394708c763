import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Peaks } from './peaks';

const noise = (length: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * Math.cos(i * 0.37));

function columnsOf(peaks: Peaks, start: number, end: number, count: number) {
  const high = new Float32Array(count);
  const low = new Float32Array(count);
  peaks.columns(start, end, high, low);
  return { high, low };
}

describe('Peaks', () => {
  it('gives the same columns however the sound arrives', () => {
    const sound = noise(50_000);
    const whole = new Peaks();
    whole.append(sound);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 3, max: 900 }),
        (sizes, count) => {
          const grown = new Peaks();
          let from = 0;
          for (const size of [...sizes, sound.length]) {
            grown.append(sound.subarray(from, from + size));
            from = Math.min(sound.length, from + size);
          }
          expect(columnsOf(grown, 0, 50_000, count)).toEqual(columnsOf(whole, 0, 50_000, count));
        },
      ),
      { numRuns: 50, seed: 1 },
    );
  });

  it('takes in every sample of a column, and at most one value more on either side', () => {
    const sound = noise(40_000);
    const peaks = new Peaks();
    peaks.append(sound);
    for (const [start, end, count] of [
      [0, 40_000, 100],
      [1234, 9876, 333],
      [1000, 2000, 125],
    ]) {
      const { high, low } = columnsOf(peaks, start, end, count);
      const width = (end - start) / count;
      for (let column = 0; column < count; column++) {
        const from = Math.floor(start + column * width);
        const to = Math.ceil(start + (column + 1) * width);
        const inside = sound.subarray(from, to);
        const around = sound.subarray(Math.max(0, from - width - 8), to + width + 8);
        expect(high[column]).toBeGreaterThanOrEqual(Math.max(...inside));
        expect(low[column]).toBeLessThanOrEqual(Math.min(...inside));
        expect(high[column]).toBeLessThanOrEqual(Math.max(...around));
        expect(low[column]).toBeGreaterThanOrEqual(Math.min(...around));
      }
    }
  });

  it('knows sound that never crosses zero, and nothing beyond the end', () => {
    const peaks = new Peaks();
    peaks.append(new Float32Array(1000).fill(0.5));
    const { high, low } = columnsOf(peaks, 0, 2000, 20);
    expect([...low.subarray(0, 10)].every((value) => value === 0.5)).toBe(true);
    expect([...high.subarray(11)].every((value) => value === 0)).toBe(true);
  });
});
