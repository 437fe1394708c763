import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FailureError, toFailure } from '../contract/failure';
import { MAX_MESSAGE_LENGTH, oneSentence, shortened } from '../contract/sentence';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

describe('a message', () => {
  it('that is one sentence stays as it is', () => {
    const message = 'There is no voice “alto”: choose one of “bass” and “tenor”.';
    expect(oneSentence(message)).toBe(message);
  });

  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m alert', 'red alert'],
    ['a title of the terminal', '\u001b]0;owned\u0007rest', 'rest'],
    ['a C1 introducer', 'a\u009b31mb', 'a b'],
    [
      'line breaks of every kind',
      'one\r\ntwo\u2028three\u2029four\vfive\u0085six',
      'one two three four five six',
    ],
    ['marks of direction', 'a\u202egpj.exe\u202c b', 'a gpj.exe b'],
    ['a zero', 'a\0b', 'a b'],
  ])('loses %s', (_, message, line) => {
    expect(oneSentence(message).replace(/ +/g, ' ')).toBe(line);
  });

  it('of 10 MB keeps both ends', () => {
    const message = oneSentence(`There is no voice “${'x'.repeat(10 << 20)}”: choose another.`);
    expect(message).toHaveLength(MAX_MESSAGE_LENGTH);
    expect(message).toMatch(/^There is no voice “x+…x+”: choose another\.$/);
  });

  it('never has a control character, is never too long, and is not changed twice', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u001b[31m', '\u001b', '\n', '\u202e', '\ud800', '😀', 'word '),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 200 }), (parts) => {
        const line = oneSentence(parts.join(''));
        expect(line.length).toBeLessThanOrEqual(MAX_MESSAGE_LENGTH);
        expect(line).not.toMatch(FORBIDDEN);
        expect(line).not.toMatch(/\p{Cs}/u);
        expect(oneSentence(line)).toBe(line);
      }),
      { numRuns: 2000, seed: 16 },
    );
  });

  it('of a failure is such a line, whoever threw it', () => {
    expect(new FailureError('usage', 'a\nb').message).toBe('a b');
    expect(toFailure(new Error('one\ntwo')).message).toBe('one');
    expect(
      toFailure({
        toString: () => {
          throw new Error('no');
        },
      }).message,
    ).toMatch(/^Something/);
    const parsed = z.object({ year: z.number() }).safeParse({ year: 'x' });
    expect(toFailure(parsed.error).message).toMatch(/^year cannot be used: Invalid input/);
  });

  it('shortens a name in its middle', () => {
    expect(shortened('abcdefghij', 5)).toBe('ab…ij');
  });
});
