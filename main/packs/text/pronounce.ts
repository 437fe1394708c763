import type { Dictionary } from './dictionary';

/** Symbols of a word, and whether the dictionary knew it; if not, they are its letters. */
export type Pronunciation = { symbols: readonly string[]; known: boolean };

const SIBILANTS = new Set(['S', 'Z', 'SH', 'ZH', 'CH', 'JH']);
const VOICELESS = new Set(['P', 'T', 'K', 'F', 'TH']);

/** ARPAbet phones of a word; a possessive is read from its noun; an unknown word is spelled. */
export function pronounce(word: string, dictionary: Dictionary): Pronunciation {
  const lower = word.toLowerCase();
  const whole = dictionary(lower) ?? possessive(lower, dictionary);
  return whole === null ? { symbols: [...lower], known: false } : { symbols: whole, known: true };
}

function possessive(word: string, dictionary: Dictionary): readonly string[] | null {
  if (word.endsWith("s'")) return dictionary(word.slice(0, -1));
  const noun = word.endsWith("'s") ? dictionary(word.slice(0, -2)) : null;
  if (noun === null) return null;
  const last = noun[noun.length - 1];
  if (SIBILANTS.has(last)) return [...noun, 'IH0', 'Z'];
  return [...noun, VOICELESS.has(last) ? 'S' : 'Z'];
}
