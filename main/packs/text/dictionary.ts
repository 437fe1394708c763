import { FailureError } from '../../../contract/failure';

const VOWELS = 'AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW'.split(' ');
const CONSONANTS = 'B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH'.split(' ');

/** Every phone of CMUdict: vowels carry a stress digit. */
export const ARPABET: readonly string[] = [
  ...VOWELS.flatMap((vowel) => [`${vowel}0`, `${vowel}1`, `${vowel}2`]),
  ...CONSONANTS,
];
export const LETTERS: readonly string[] = [...'abcdefghijklmnopqrstuvwxyz'];

/** The one dictionary there is; a pack that was trained on another cannot be spoken to. */
export const DICTIONARY = { package: 'cmu-pronouncing-dictionary', version: '3.0.0' };

/** First pronunciation of a lower-case word as ARPAbet phones, or null. */
export type Dictionary = (word: string) => readonly string[] | null;

/** Loads the dictionary a pack names: 4.7 MB, so only when the first pack needs it. */
export async function loadDictionary(wanted: {
  package: string;
  version: string;
}): Promise<Dictionary> {
  if (wanted.package !== DICTIONARY.package || wanted.version !== DICTIONARY.version) {
    throw new FailureError(
      'pack',
      `The pack was trained on the dictionary ${wanted.package} ${wanted.version}, but this program has ${DICTIONARY.package} ${DICTIONARY.version}: it needs another version of Timbrel.`,
    );
  }
  const { dictionary } = await import('cmu-pronouncing-dictionary');
  return (word) => {
    // Own entries only: "constructor" is a word, and an object has one.
    if (!Object.hasOwn(dictionary, word)) return null;
    // Some entries end in a comment: "AE0 B EY1 # name".
    return dictionary[word].split(' #', 1)[0].split(' ');
  };
}
