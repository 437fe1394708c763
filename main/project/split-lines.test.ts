import { describe, expect, it } from 'vitest';
import { elementsFrom, startOfLines } from './split-lines';

/** The texts of the elements, or null where there is no list of lines. */
function split(json: string): string[] | null {
  const bytes = Buffer.from(json);
  const start = startOfLines(bytes);
  if (start === -1) return null;
  return [...elementsFrom(bytes, start)].map(({ from, to }) => bytes.toString('utf8', from, to));
}

describe('the lines in the JSON of a project', () => {
  it.each([
    ['one after the other', '{"lines":[{"a":1},{"a":[2,3]}],"b":0}', ['{"a":1}', '{"a":[2,3]}']],
    ['with spaces', '{ "lines" :\n [ 1 , 2 ] }', [' 1 ', ' 2 ']],
    [
      'of texts with brackets and marks',
      '{"lines":["a,]}","\\"[","\\\\"]}',
      ['"a,]}"', '"\\"["', '"\\\\"'],
    ],
    ['none', '{"lines":[]}', ['']],
    ['behind an inner key of the same name', '{"a":{"lines":[9]},"lines":[1]}', ['1']],
    ['behind a text of the same name', '{"a":"lines","lines":[1]}', ['1']],
    ['in other letters than ASCII', '{"ü":"“","lines":["ü","🎙"]}', ['"ü"', '"🎙"']],
  ])('are found %s', (_, json, elements) => {
    expect(split(json)).toEqual(elements);
  });

  it.each([
    ['nowhere', '{"b":[1]}'],
    ['in no list', '{"lines":{"a":[1]}}'],
    ['in a list at the top', '["lines",[1]]'],
    ['in a text that does not end', '{"lines":"['],
    ['under an escaped key', '{"l\\u0069nes":[1]}'],
  ])('are not found %s', (_, json) => {
    expect(split(json)).toBeNull();
  });

  it('of a file that was cut off have no last one', () => {
    const bytes = Buffer.from('{"lines":[1,2');
    const stretches = [...elementsFrom(bytes, startOfLines(bytes))];
    expect(stretches.map(({ isLast }) => isLast)).toEqual([false]);
  });
});
