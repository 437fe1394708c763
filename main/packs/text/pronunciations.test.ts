import { describe, expect, it, test } from 'vitest';
import { Manifest } from '../manifest';
import { defaultPack } from '../testing/default-pack';
import type { Dictionary } from './dictionary';
import { createFrontEnd } from './frontend';
import { reportPronunciation } from './pronunciations';

const KNOWN: Record<string, string[]> = {
  when: ['W', 'EH1', 'N'],
  gif: ['G', 'IH1', 'F'],
  boats: ['B', 'OW1', 'T', 'S'],
  in: ['IH0', 'N'],
};
const dictionary: Dictionary = (word) => KNOWN[word] ?? null;
const manifest = Manifest.parse(structuredClone(defaultPack));
const frontEnd = createFrontEnd(manifest, dictionary);
const [{ name: voice }] = manifest.voices;

const symbolsOf = (text: string, pronunciations: { word: string; as: string }[]) =>
  frontEnd
    .prepare(text, voice, pronunciations)
    .flatMap(({ prompt }) => prompt.slice(0, -2))
    .map((id) => manifest.text.symbols[id - manifest.tokens.textBase])
    .slice(0, -1)
    .join(' ');

describe('a pronunciation list', () => {
  test.each([
    ['ARPAbet', 'JH IH1 F', 'JH IH1 F'],
    ['ARPAbet without stress', 'JH IH F', 'JH IH1 F'],
    ['a respelling that the dictionary knows', 'when', 'W EH1 N'],
    ['a respelling of two words', 'When boats', 'W EH1 N   B OW1 T S'],
    ['a respelling that it does not know', 'jiff', 'j i f f'],
    ['a respelling with the word itself in it', 'in-gif', 'IH0 N   G IH1 F'],
  ])('says a word by %s', (_, as, expected) => {
    expect(symbolsOf('GIF', [{ word: 'gif', as }])).toBe(expected);
  });

  it('changes whole words, in any case, and their possessives', () => {
    const list = [{ word: 'Nguyen', as: 'W IH1 N' }];
    expect(symbolsOf("nguyen's boats", list)).toBe('W IH1 N Z   B OW1 T S');
    expect(symbolsOf('nguyens', list)).toBe('n g u y e n s');
  });

  it('makes a listed word a known one, and shows in the report', () => {
    expect(frontEnd.inspect('Nguyen boats').spelled).toEqual(['Nguyen']);
    const list = [{ word: 'nguyen', as: 'when' }];
    expect(frontEnd.inspect('Nguyen boats', list).spelled).toEqual([]);
  });

  it('leaves a word with an entry that cannot be used as it was; the later of two counts', () => {
    expect(symbolsOf('gif', [{ word: 'gif', as: 'XX9' }])).toBe('G IH1 F');
    const twice = [
      { word: 'gif', as: 'when' },
      { word: 'GIF', as: 'in' },
    ];
    expect(symbolsOf('gif', twice)).toBe('IH0 N');
  });
});

describe('a preview', () => {
  it('has the phones', () => {
    expect(reportPronunciation({ word: 'gif', as: 'when jiff' }, dictionary)).toEqual({
      phones: 'W EH1 N · j i f f',
      problem: null,
    });
  });

  test.each([
    ['two words', 'when', '“two words” is not one word'],
    ['3D', 'when', '“3D” is not one word'],
    ['gif', 'JH IH7 F', 'IH7 is no ARPAbet phone'],
    ['gif', 'жиф', 'neither ARPAbet nor a respelling'],
  ])('of %s as %s says why not', (word, as, problem) => {
    const report = reportPronunciation({ word, as }, dictionary);
    expect(report).toEqual({ phones: '', problem: expect.stringContaining(problem) });
  });
});
