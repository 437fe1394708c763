import { expect, it, test } from 'vitest';
import type { Piece } from '../../contract/take';
import { longestSilence, suspicionsOf } from './suspicions';

const RATE = 16_000;
const pack = { id: 'p', name: 'P', sha256: '', sampleRate: RATE, frameRate: 50 };
const piece = (end: Piece['end'], startFrame = 0): Piece => ({
  text: 'One.',
  startFrame,
  frames: 50,
  end,
  lookaheads: '',
});
const WHOLE = { pieces: [piece('endOfSpeech')], pack };

/** A tone for each number of seconds; negative ones are faint noise of −70 dBFS. */
function sound(...parts: number[]): Float32Array {
  return Float32Array.from(
    parts.flatMap((seconds) =>
      Array.from({ length: Math.round(Math.abs(seconds) * RATE) }, (_, i) =>
        seconds > 0 ? 0.5 * Math.sin(i / 10) : i % 2 === 0 ? 0.0003 : -0.0003,
      ),
    ),
  );
}

it('finds nothing in a sound take', () => {
  expect(suspicionsOf(WHOLE, sound(1.5, -0.4, 1), RATE, 3)).toEqual([]);
});

it('names a take that did not stop', () => {
  const pieces = [piece('endOfSpeech'), piece('maximumLength', 50), piece('endOfSpeech', 100)];
  expect(suspicionsOf({ pieces, pack }, sound(3), RATE, 3)).toEqual(['didNotStop']);
});

test.each([
  [[1, -0.9, 1], []],
  [[1, -1.1, 1], ['silence']],
  [[1, -1.1], ['silence']],
  [[-1.1, 1], ['silence']],
])('of the silences in %j says %j', (parts, expected) => {
  expect(suspicionsOf(WHOLE, sound(...parts), RATE, 2)).toEqual(expected);
});

it('does not count a pause that the text asks for', () => {
  const pieces = [piece('endOfSpeech'), piece('endOfSpeech', 50 + 75)];
  expect(suspicionsOf({ pieces, pack }, sound(1, -1.5, 1), RATE, 3.5)).toEqual([]);
  expect(suspicionsOf({ pieces, pack }, sound(1, -2.7), RATE, 3.5)).toEqual(['silence']);
});

it('measures silence in seconds, also where there is nothing else', () => {
  expect(longestSilence(sound(1, -0.6, 1, -0.3), RATE)).toBeCloseTo(0.6, 1);
  expect(longestSilence(new Float32Array(RATE * 2), RATE)).toBeCloseTo(2, 2);
  expect(longestSilence(new Float32Array(0), RATE)).toBe(0);
});

test.each([
  [4, 4, []],
  [4, 6.2, []],
  [4, 6.8, ['length']],
  [4, 2.6, []],
  [4, 2.2, ['length']],
  [0.5, 1.4, []],
])('where %d s were expected, %d s are %j', (expected, seconds, suspicions) => {
  expect(suspicionsOf(WHOLE, sound(seconds), RATE, expected)).toEqual(suspicions);
});

it('names a clipped take, and none with a single peak at full scale', () => {
  const peak = sound(1);
  peak[500] = 1;
  expect(suspicionsOf(WHOLE, peak, RATE, 1)).toEqual([]);
  peak.fill(-1, 500, 503);
  expect(suspicionsOf(WHOLE, peak, RATE, 1)).toEqual(['clipped']);
});
