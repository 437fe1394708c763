const [QUOTE, BACKSLASH, COMMA, COLON] = Buffer.from('"\\,:');
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('[]{}');
const LINES = Buffer.from('"lines"');
const SPACES = new Set(Buffer.from(' \t\r\n'));

/** Where an element of the array lies, [from, to); the last one tells where the array ends. */
export type Stretch = { from: number; to: number; isLast: boolean };

/** Where the array of lines begins in the JSON of a project, behind its bracket; -1 for nowhere. */
export function startOfLines(json: Buffer): number {
  for (let depth = 0, at = 0; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE: {
        const end = endOfString(json, at);
        if (depth === 1 && json.subarray(at, end).equals(LINES)) {
          const colon = skipSpaces(json, end);
          const array = skipSpaces(json, colon + 1);
          if (json[colon] === COLON && json[array] === OPEN_ARRAY) return array + 1;
        }
        at = end - 1;
        break;
      }
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
    }
  }
  return -1;
}

/**
 * The elements of an array whose inside begins at `start`, so that each can be parsed by itself.
 * Only brackets and strings are looked at: whether an element is JSON is for its parser to say.
 * An array that is not closed ends with no last element.
 */
export function* elementsFrom(json: Buffer, start: number): Generator<Stretch> {
  for (let depth = 0, from = start, at = start; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE:
        at = endOfString(json, at) - 1;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        if (depth === 0) {
          yield { from, to: at, isLast: true };
          return;
        }
        depth--;
        break;
      case COMMA:
        if (depth === 0) {
          yield { from, to: at, isLast: false };
          from = at + 1;
        }
    }
  }
}

/** Behind the closing mark of a string that begins at `at`. */
function endOfString(json: Buffer, at: number): number {
  for (let end = json.indexOf(QUOTE, at + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end + 1;
  }
  return json.length;
}

function skipSpaces(json: Buffer, at: number): number {
  while (SPACES.has(json[at])) at++;
  return at;
}
