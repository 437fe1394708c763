/** The most characters that a message may have. */
export const MAX_MESSAGE_LENGTH = 300;

/** Whole escape sequences of terminals, so that none of their letters stay. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\u001b\][^\u0007\u001b]{0,1000}(?:\u0007|\u001b\\)|(?:\u001b\[|\u009b)[0-?]{0,100}[ -/]{0,10}[@-~]/g;

/** What may not stand in a line of text: C0 and C1 controls, line and paragraph ends, marks of direction. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const CONTROLS_AND_SPACES = new RegExp(`(?:${CONTROLS.source}|\\s)+`, 'gu');

/** Beyond this nothing of a text reaches a message, so that a huge one is not searched whole. */
const MOST_READ = 4096;

/**
 * A text as one line without control characters, of at most `most` UTF-16 units: what is longer
 * loses its middle, for a name is told by its ends. The same for what it returned.
 */
export function shortened(text: string, most: number): string {
  const line = middleOut(text, MOST_READ)
    .replace(ESCAPES, ' ')
    .replace(CONTROLS_AND_SPACES, ' ')
    .trim();
  return middleOut(line.replace(/\p{Cs}/gu, '\ufffd'), most);
}

/** Any message as what windows and terminals show: one line of at most `MAX_MESSAGE_LENGTH`. */
export const oneSentence = (message: string): string => shortened(message, MAX_MESSAGE_LENGTH);

function middleOut(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  // No half of a surrogate pair is left at the cut.
  const head = text.slice(0, most - 1 - tail).replace(/[\ud800-\udbff]$/, '');
  return `${head}…${text.slice(text.length - tail).replace(/^[\udc00-\udfff]/, '')}`;
}
