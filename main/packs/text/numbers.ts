import { ToWords } from 'to-words/en-US';

const toWords = new ToWords();

/** Longer runs of digits are codes, not amounts; this is also where doubles stay exact. */
const MAX_CARDINAL_DIGITS = 15;

const DIGITS = 'zero one two three four five six seven eight nine'.split(' ');

/** "407" → "four zero seven" */
export const digits = (text: string): string =>
  [...text.replace(/\D/g, '')].map((digit) => DIGITS[Number(digit)]).join(' ');

/** "1,250" → "one thousand two hundred fifty"; codes such as "007" digit by digit. */
export function cardinal(text: string): string {
  const plain = text.replaceAll(',', '');
  if (plain.length > MAX_CARDINAL_DIGITS || /^0\d/.test(plain)) return digits(plain);
  return toWords.convert(Number(plain)).toLowerCase();
}

/** "21" → "twenty first" */
export function ordinal(text: string): string {
  const plain = text.replaceAll(',', '');
  return plain.length > MAX_CARDINAL_DIGITS
    ? digits(plain)
    : toWords.toOrdinal(Number(plain)).toLowerCase();
}

/** An integer or a decimal: "3.05" → "three point zero five". */
export function amount(text: string): string {
  const [whole, fraction] = text.split('.');
  const spoken = whole === '' ? 'zero' : cardinal(whole);
  return fraction === undefined ? spoken : `${spoken} point ${digits(fraction)}`;
}

/** A number below 100 after an hour or a century: "05" → "oh five". */
export const pair = (text: string): string =>
  text.startsWith('0') ? `oh ${DIGITS[Number(text[1])]}` : cardinal(text);

/** "1984" → "nineteen eighty four", "1900" → "nineteen hundred", "2007" → "two thousand seven" */
export function year(text: string): string {
  const [century, rest] = [text.slice(0, 2), text.slice(2)];
  if (text.length !== 4 || (text[1] === '0' && text[2] === '0')) return cardinal(text);
  return rest === '00' ? `${cardinal(century)} hundred` : `${cardinal(century)} ${pair(rest)}`;
}

/** Denominators that have a name: "2", "3" → "two thirds". Null for the others. */
export function fraction(numerator: string, denominator: string): string | null {
  const [n, d] = [Number(numerator), Number(denominator)];
  if (n < 1 || d < 2 || d > 10 || n >= d) return null;
  const name = d === 2 ? 'half' : d === 4 ? 'quarter' : ordinal(denominator);
  return `${cardinal(numerator)} ${n === 1 ? name : d === 2 ? 'halves' : `${name}s`}`;
}

/** "eighty" → "eighties", "hundred" → "hundreds" */
export const plural = (words: string): string =>
  words.endsWith('y') ? `${words.slice(0, -1)}ies` : `${words}s`;
