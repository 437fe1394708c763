import { describe, expect, it } from 'vitest';
import { SpectrumAnalyser } from '../spectrum/spectrum';
import { type Compared, spectralDifference, summarise, tokensDiffer } from './difference';

const RATE = 16_000;
const FRAME_RATE = 50;

function compared(tokens: number[], hertz: number, amplitude = 0.3, gain = 0): Compared {
  const sound = Float32Array.from(
    { length: (tokens.length / FRAME_RATE) * RATE },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / RATE),
  );
  const { levels, pitch } = new SpectrumAnalyser(RATE).append(sound, true);
  return {
    tokens: Int32Array.from(tokens),
    frames: tokens.length,
    frameRate: FRAME_RATE,
    levels,
    spectrumFrames: pitch.length,
    gain,
  };
}

const same = (seconds: number) => seconds;

describe('where takes differ', () => {
  it('is by token, and nothing where one take holds none', () => {
    const a = compared([1, 2, 3, -1, 5], 500);
    const b = compared([1, 9, 3, 4], 500);
    const at = (frame: number) => (frame + 0.5) / FRAME_RATE;
    const differ = [0, 1, 2, 3, 4].map((frame) => tokensDiffer([a, at(frame)], [b, at(frame)]));
    expect(differ).toEqual([false, true, false, null, null]);
    expect(summarise(a, b, same).tokens).toBeCloseTo(1 / 3, 9);
  });

  it('is compared with the moment of the other take that it is said to be', () => {
    const a = compared([1, 2, 3, 4, 5, 6], 500);
    const b = compared([0, 0, 1, 2, 3, 4, 5, 6], 500);
    expect(summarise(a, b, same).tokens).toBe(1);
    expect(summarise(a, b, (seconds) => seconds + 2 / FRAME_RATE).tokens).toBe(0);
  });

  it('is no difference of spectrum for equal sound, at whatever level once it is matched', () => {
    const tokens = Array<number>(20).fill(1);
    const a = compared(tokens, 500);
    expect(summarise(a, compared(tokens, 500), same).spectrum).toBe(0);
    const quiet = compared(tokens, 500, 0.15, 20 * Math.log10(2));
    expect(summarise(a, quiet, same).spectrum!).toBeLessThan(0.4);
    const other = spectralDifference([a, 0.2], [compared(tokens, 2500), 0.2])!;
    expect(other).toBeGreaterThan(2);
    expect(spectralDifference([a, 0.2], [a, 4])).toBeNull();
  });
});
