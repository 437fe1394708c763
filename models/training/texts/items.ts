import { ARPABET, type Dictionary, LETTERS } from '../../../main/packs/text/dictionary';
import { normalise } from '../../../main/packs/text/normalise';
import { pronounce } from '../../../main/packs/text/pronounce';
import rules from './rules.json';

/** A word as its spelling (a–z and ' only), its phones (null if the dictionary lacks it). */
export type WordItem = [letters: string, phones: readonly string[] | null];
/** A word, or the symbol of a space or a punctuation mark. */
export type Item = WordItem | string;

/** How the pack reads text: the part of its manifest that the training settles. */
export const READING = {
  frontEnd: 'cmudict-arpabet',
  symbols: [...ARPABET, ...LETTERS, "'", ...' ,.-;:?!'],
  dictionary: { package: 'cmu-pronouncing-dictionary', version: '3.0.0' },
  ...rules,
  lineBreak: 'sentence-before-capital',
  hyphenated: 'whole-then-parts',
  unknownWords: 'letters',
  otherCharacters: 'unspeakable',
  framesPerSymbol: 1,
  framesPerPiece: 0,
} as const;

/**
 * What the app's front end makes of one sentence, word by word; null for a text that is several
 * paragraphs, or holds a character that cannot be spoken.
 */
export function itemsOf(text: string, dictionary: Dictionary): Item[] | null {
  const reading = { ...READING, symbols: [...READING.symbols] };
  const { units, unspeakable } = normalise(text, reading, (word) => dictionary(word) !== null);
  const spoken = units.at(-1)?.kind === 'paragraph' ? units.slice(0, -1) : units;
  if (unspeakable.length > 0 || spoken.some(({ kind }) => kind === 'paragraph')) return null;
  return spoken.map((unit): Item => {
    if (unit.kind !== 'word') return unit.text;
    const { symbols, known } = pronounce(unit.text, dictionary);
    return [unit.text.toLowerCase().replace(/[^a-z']/g, ''), known ? symbols : null];
  });
}
