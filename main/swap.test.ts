import { describe, expect, it } from 'vitest';
import type { Round } from '../contract/rounds';
import { swapExcerpt } from './swap';

const bonus = (frame: number, token: number, piece = 0, ended = false): Round => ({
  piece,
  frame,
  judged: [],
  ignored: [],
  drawn: { token, kind: 'bonus' },
  ended,
});

describe('the excerpt around a swapped frame', () => {
  // Twenty frames, end of speech, four frames of silence, ten more frames.
  const rounds = [
    ...Array.from({ length: 20 }, (_, i) => bonus(i, 100 + i)),
    bonus(20, 4096, 0, true),
    ...Array.from({ length: 10 }, (_, i) => bonus(24 + i, 200 + i, 1)),
  ];
  const timing = { frameRate: 10, contextFrames: { before: 4, after: 2 } };

  it('holds the frame, 0.3 s on either side, and context around that', () => {
    const { tokens, from, to } = swapExcerpt(rounds, { frame: 10, token: 7 }, timing);
    expect(tokens).toEqual([103, 104, 105, 106, 107, 108, 109, 7, 111, 112, 113, 114, 115]);
    expect([from, to]).toEqual([4, 11]);
    expect(tokens[from + 3]).toBe(7);
  });

  it('stays within its piece and leaves end-of-speech out', () => {
    const last = swapExcerpt(rounds, { frame: 19, token: 7 }, timing);
    expect(last.tokens).toEqual([112, 113, 114, 115, 116, 117, 118, 7]);
    expect([last.from, last.to]).toEqual([4, 8]);
    const next = swapExcerpt(rounds, { frame: 24, token: 7 }, timing);
    expect(next.tokens.slice(0, 3)).toEqual([7, 201, 202]);
    expect([next.from, next.to]).toEqual([0, 4]);
  });

  it('refuses silences and frames beyond the take', () => {
    for (const frame of [20, 22, 34, 900]) {
      expect(() => swapExcerpt(rounds, { frame, token: 1 }, timing)).toThrow(/holds no token/);
    }
  });
});
