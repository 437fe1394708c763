import { expect, test } from 'vitest';
import { Interpolator } from './interpolator';

const sine = (length: number, hertz: number, rate: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / rate));

/** Half a second of `sound`, away from its ends, at another rate. */
function read(sound: Float32Array, from: number, to: number): Float32Array {
  const interpolator = new Interpolator(from, to);
  const source = { length: sound.length, at: (i: number) => sound[i] };
  const all = Float32Array.from({ length: to }, (_, i) => interpolator.at(source, i));
  return all.subarray(to / 4, (3 * to) / 4);
}

const decibels = (sound: Float32Array) =>
  10 * Math.log10(sound.reduce((sum, v) => sum + v * v, 0) / sound.length);

test.each([
  [16_000, 24_000],
  [24_000, 48_000],
  [22_050, 24_000],
  [16_000, 44_100],
])('a tone at %d Hz is the same tone at %d Hz', (from, to) => {
  for (const hertz of [100, 1000, from * 0.4, from * 0.44]) {
    const heard = read(sine(from, hertz, from), from, to);
    const wanted = sine(to, hertz, to).subarray(to / 4, (3 * to) / 4);
    const wrong = heard.map((v, i) => v - wanted[i]);
    expect(decibels(wrong) - decibels(wanted)).toBeLessThan(-60);
  }
});

test('what the output cannot hold is left out, and does not come back as another tone', () => {
  expect(decibels(read(sine(24_000, 10_000, 24_000), 24_000, 16_000))).toBeLessThan(-60);
  expect(decibels(read(sine(24_000, 5000, 24_000), 24_000, 16_000))).toBeCloseTo(-3.01, 1);
});

test('there is silence before and after the sound', () => {
  const interpolator = new Interpolator(16_000, 24_000);
  const sound = { length: 100, at: () => 1 };
  expect(interpolator.at(sound, 75)).toBeCloseTo(1, 3);
  expect(interpolator.at(sound, 300)).toBe(0);
});
