import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WordTime } from '../../contract/word-time';
import { sameWord, sharedEnds, timeMapOf } from './time-map';

const word = (text: string, start: number, end: number, phones = [start]): WordTime => ({
  text,
  start,
  end,
  phones,
});

const A = [word('Rice', 0.2, 0.6, [0.2, 0.3, 0.5]), word('is', 0.6, 0.8), word('good', 1, 1.4)];
const B = [word('rice', 0.1, 0.3, [0.1, 0.15, 0.2]), word('is', 0.5, 0.6), word('good', 0.6, 1.4)];

describe('timeMapOf', () => {
  it('brings words together by their phones, with what lies between them', () => {
    const map = timeMapOf(A, B)!;
    expect(sameWord(map, 'A', 0.2)).toBeCloseTo(0.1, 9);
    expect(sameWord(map, 'A', 0.4)).toBeCloseTo(0.175, 9);
    expect(sameWord(map, 'A', 1.2)).toBeCloseTo(1, 9);
    expect(sameWord(map, 'B', 1)).toBeCloseTo(1.2, 9);
  });

  it('knows when each shared word is over, where only one lane pauses too', () => {
    expect(sharedEnds(A, B)).toEqual([
      { A: 0.6, B: 0.3 },
      { A: 0.8, B: 0.6 },
      { A: 1.4, B: 1.4 },
    ]);
  });

  it('only shifts what comes before the first word and behind the last one', () => {
    const map = timeMapOf(A, B)!;
    expect(sameWord(map, 'A', 0.05)).toBe(0);
    expect(sameWord(map, 'A', 0.15)).toBeCloseTo(0.05, 9);
    expect(sameWord(map, 'B', 1.5)).toBeCloseTo(1.5, 9);
  });

  it('needs no equal texts: shared beginnings and ends are enough', () => {
    const map = timeMapOf(A, [word('Rice', 1, 2), word('was', 2, 3), word('good', 3, 4)])!;
    expect(sameWord(map, 'A', 0.2)).toBeCloseTo(1, 9);
    expect(sameWord(map, 'A', 0.8)).toBeCloseTo(2.5, 9);
    expect(sameWord(map, 'A', 1.4)).toBeCloseTo(4, 9);
  });

  it('is nothing where no word is shared', () => {
    expect(timeMapOf(A, [word('Glue', 0, 1)])).toBeNull();
    expect(timeMapOf([], B)).toBeNull();
  });

  it('leads back to where it came from, and never backwards', () => {
    const lengths = fc.array(fc.double({ min: 0.03, max: 1, noNaN: true }), {
      minLength: 1,
      maxLength: 12,
    });
    const words = (spans: number[]) => {
      let at = 0;
      return spans.map((span) => {
        at += span;
        return word('so', at - span, at);
      });
    };
    fc.assert(
      fc.property(lengths, lengths, (one, other) => {
        const count = Math.min(one.length, other.length);
        const map = timeMapOf(words(one.slice(0, count)), words(other.slice(0, count)))!;
        let before = -1;
        for (let step = 0; step <= 40; step++) {
          const seconds = (step / 40) * map.A[map.A.length - 1];
          const there = sameWord(map, 'A', seconds);
          expect(there).toBeGreaterThan(before);
          before = there;
          expect(sameWord(map, 'B', there)).toBeCloseTo(seconds, 6);
        }
      }),
      { seed: 5 },
    );
  });
});
