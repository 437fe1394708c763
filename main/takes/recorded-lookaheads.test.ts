import { expect, it } from 'vitest';
import type { Take } from '../../contract/take';
import { recordedLookaheads, type Spoken } from './recorded-lookaheads';

const spoken: Spoken = {
  text: 'One. Two.',
  settings: {
    voice: 'alto',
    method: 'pcg',
    theta: 0.5,
    lookahead: 'adaptive',
    temperature: 0.8,
    topK: 0,
    topP: 1,
    repetitionPenalty: 1,
    seed: 1,
  },
  pack: { sha256: 'a' },
};
const pieces = [{ text: 'One.' }, { text: 'Two.' }];
const take = (change: Partial<Take> = {}) =>
  ({
    ...spoken,
    status: 'finished',
    pieces: [
      { text: 'One.', lookaheads: '234' },
      { text: 'Two.', lookaheads: '44' },
    ],
    ...change,
  }) as Take;

it('are those of the newest finished take of the same text, settings, seed and pack', () => {
  const older = take({ pieces: take().pieces.map((piece) => ({ ...piece, lookaheads: '8' })) });
  expect(recordedLookaheads([take(), older], spoken, pieces)).toEqual(['234', '44']);
  const chosen = {
    ...spoken,
    settings: { ...spoken.settings, pace: undefined },
    pronunciations: [],
  };
  expect(recordedLookaheads([take()], chosen, pieces)).toEqual(['234', '44']);
});

it.each([
  ['another text', take({ text: 'One.' })],
  ['another seed', take({ settings: { ...spoken.settings, seed: 2 } })],
  ['another pack', take({ pack: { sha256: 'b' } as Take['pack'] })],
  ['other pronunciations', take({ pronunciations: [{ word: 'two', sounds: 'T UW1' }] as never })],
  ['a take that was cut off', take({ status: 'cancelled' })],
  ['other pieces', take({ pieces: take().pieces.slice(0, 1) })],
  [
    'a take of a time when they were not kept',
    take({ pieces: take().pieces.map((piece) => ({ ...piece, lookaheads: '' })) }),
  ],
])('are not taken from %s', (_what, other) => {
  expect(recordedLookaheads([other], spoken, pieces)).toBeUndefined();
});

it('are not needed where K is fixed or nothing is drafted', () => {
  for (const change of [{ lookahead: 3 }, { method: 'plain' as const }]) {
    const settings = { ...spoken.settings, ...change };
    expect(
      recordedLookaheads([take({ settings })], { ...spoken, settings }, pieces),
    ).toBeUndefined();
  }
});
