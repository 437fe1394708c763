import type { Pronunciation, PronunciationReport } from '../../../contract/pronunciation';
import { ARPABET, type Dictionary } from './dictionary';
import { pronounce } from './pronounce';

const PHONES = new Set(ARPABET);
/** What the text is cut into words by: letters, with apostrophes and hyphens between them. */
const WORD = /^[A-Za-z]+(?:['-][A-Za-z]+)*$/;
const RESPELLING = /^[A-Za-z']+(?:[ -][A-Za-z']+)*$/;

/**
 * The dictionary with the words of a project's list before its own. An entry that cannot be used
 * changes nothing; of two for one word the later counts. Respellings are read by `dictionary` alone,
 * so that a word may be respelled with itself in it.
 */
export function withPronunciations(
  dictionary: Dictionary,
  list: readonly Pronunciation[],
): Dictionary {
  const own = new Map<string, readonly string[]>();
  for (const { word, as } of list) {
    const read = readPronunciation({ word, as }, dictionary);
    if ('symbols' in read) own.set(word.toLowerCase(), read.symbols);
  }
  return (word) => own.get(word) ?? dictionary(word);
}

/** What an entry will sound like, or why it cannot be used. */
export function reportPronunciation(
  entry: Pronunciation,
  dictionary: Dictionary,
): PronunciationReport {
  const read = readPronunciation(entry, dictionary);
  if ('problem' in read) return { phones: '', problem: read.problem };
  const phones = read.symbols.map((symbol) => (symbol === ' ' ? '·' : symbol)).join(' ');
  return { phones, problem: null };
}

/**
 * Phones in upper case are ARPAbet where all of them are; a vowel without a stress digit has the
 * first stress. Anything else is a respelling: words of the dictionary, and letters of the others.
 */
function readPronunciation(
  { word, as }: Pronunciation,
  dictionary: Dictionary,
): { symbols: readonly string[] } | { problem: string } {
  if (!WORD.test(word)) {
    return { problem: `“${word}” is not one word of Latin letters: list each word by itself.` };
  }
  const phones = as.split(/\s+/).map((phone) => (PHONES.has(`${phone}1`) ? `${phone}1` : phone));
  if (phones.every((phone) => PHONES.has(phone))) return { symbols: phones };
  if (/\d/.test(as)) {
    const unknown = phones.filter((phone) => !PHONES.has(phone)).join(', ');
    return { problem: `${unknown} is no ARPAbet phone: write phones such as AH0 or NG.` };
  }
  if (!RESPELLING.test(as)) {
    return { problem: `“${as}” is neither ARPAbet nor a respelling in Latin letters.` };
  }
  const parts = as.split(/[ -]/).map((part) => pronounce(part, dictionary).symbols);
  return { symbols: parts.flatMap((part, i) => (i === 0 ? part : [' ', ...part])) };
}
