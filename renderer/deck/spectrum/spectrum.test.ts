import { describe, expect, it } from 'vitest';
import { BANDS, levelToDb, SpectrumAnalyser, type SpectrumFrames, TOP_HZ } from './spectrum';

/** Harmonics of a gliding pitch, [from, to] Hz over `seconds`. */
function glide(seconds: number, from: number, to: number, rate: number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: seconds * rate }, (_, i) => {
    const hertz = from + ((to - from) * i) / (seconds * rate);
    phase += (2 * Math.PI * hertz) / rate;
    return 0.3 * (Math.sin(phase) + 0.6 * Math.sin(2 * phase) + 0.4 * Math.sin(3 * phase));
  });
}

const analysed = (sound: Float32Array, rate: number) =>
  new SpectrumAnalyser(rate).append(sound, true);
const loudestBand = ({ levels }: SpectrumFrames, frame: number) => {
  const bands = levels.subarray(frame * BANDS, (frame + 1) * BANDS);
  return bands.indexOf(Math.max(...bands));
};

describe('SpectrumAnalyser', () => {
  it.each([16_000, 24_000, 44_100])('shows a tone in its band at its level, at %i Hz', (rate) => {
    const tone = Float32Array.from(
      { length: rate },
      (_, i) => 0.5 * Math.sin((2 * Math.PI * 3000 * i) / rate),
    );
    const frames = analysed(tone, rate);
    expect(frames.pitch.length).toBe(100);
    const band = loudestBand(frames, 50);
    expect(Math.abs(((band + 0.5) * TOP_HZ) / BANDS - 3000)).toBeLessThan(TOP_HZ / BANDS);
    expect(Math.abs(levelToDb(frames.levels[50 * BANDS + band]) + 6)).toBeLessThan(2);
    expect(levelToDb(frames.levels[50 * BANDS + 100])).toBeLessThan(-60);
  });

  it('follows a pitch within 2 %, and hears none in silence or noise', () => {
    const rate = 16_000;
    const { pitch } = analysed(glide(1, 110, 220, rate), rate);
    for (let frame = 5; frame < 95; frame++) {
      const wanted = 110 + 110 * ((frame + 0.5) / 100);
      expect(Math.abs(pitch[frame] / wanted - 1)).toBeLessThan(0.02);
    }
    let state = 1;
    const noise = Float32Array.from({ length: rate }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647 - 0.5;
    });
    expect(analysed(new Float32Array(rate), rate).pitch.every((hertz) => hertz === 0)).toBe(true);
    expect(analysed(noise, rate).pitch.filter((hertz) => hertz > 0).length).toBeLessThan(3);
  });

  it('gives the same frames however the sound arrives', () => {
    const rate = 16_000;
    const sound = glide(0.7, 200, 120, rate);
    const whole = analysed(sound, rate);
    const analyser = new SpectrumAnalyser(rate);
    const parts: SpectrumFrames[] = [];
    for (let from = 0; from < sound.length; from += 777) {
      const part = sound.subarray(from, from + 777);
      parts.push(analyser.append(part, from + 777 >= sound.length));
    }
    expect(parts.flatMap(({ levels }) => [...levels])).toEqual([...whole.levels]);
    expect(parts.flatMap(({ pitch }) => [...pitch])).toEqual([...whole.pitch]);
  });
});
