import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { Manifest } from '../../../main/packs/manifest';
import { defaultPack } from '../../../main/packs/testing/default-pack';
import { type Dictionary, loadDictionary } from '../../../main/packs/text/dictionary';
import { createFrontEnd } from '../../../main/packs/text/frontend';
import { itemsOf, READING } from './items';

// As the pack would be that is trained with these rules; no piece of it is cut.
const manifest = Manifest.parse({ ...(defaultPack as object), text: READING });
const { text } = manifest;

let dictionary: Dictionary;
beforeAll(async () => {
  dictionary = await loadDictionary(READING.dictionary);
});

/** What the model is trained on where no known word is spelled. */
const symbolsOf = (sentence: string) =>
  itemsOf(sentence, dictionary)?.flatMap((item) => {
    if (typeof item === 'string') return [item];
    const [letters, phones] = item;
    return phones ?? [...letters];
  });

/** What the app asks the model to speak. */
const promptOf = (sentence: string) =>
  createFrontEnd(manifest, dictionary)
    .prepare(sentence, manifest.voices[0].name)
    .flatMap(({ prompt }) =>
      prompt.slice(0, -2).map((id) => text.symbols[id - manifest.tokens.textBase]),
    );

describe('agrees with the front end of the app', () => {
  const harvard = readFileSync(join(import.meta.dirname, 'harvard.txt'), 'utf8')
    .trim()
    .split('\n');
  const written = [
    'Call (212) 555-0123 at 3:30 pm on Jan. 5th, 2024!',
    'That’ll be £12.50, please — or €9.',
    'The well-known Zorbital Hotel isn\'t "cheap"; is it?',
    "Kestrelle's brother and the DVLA met in the 1980s",
    'Flight BA 647 leaves gate 14 at 23:58.',
    'Heat it to 180°C, then add 1/2 cup of milk: stir.',
    'Dr. Łem wrote to me@example.com on 2001-03-10.',
    'Wait... what?!',
  ];
  test.each([...written, ...harvard.filter((_, i) => i % 40 === 0)])('%s', (sentence) => {
    expect(symbolsOf(sentence)).toEqual(promptOf(sentence));
  });
});

it('refuses what is no one sentence of speakable characters', () => {
  expect(itemsOf('Hi 😀 there.', dictionary)).toBeNull();
  expect(itemsOf('One.\n\nTwo.', dictionary)).toBeNull();
});

it('marks the words that the dictionary lacks', () => {
  expect(itemsOf('Hello, timbrel!', dictionary)).toEqual([
    ['hello', ['HH', 'AH0', 'L', 'OW1']],
    ',',
    ' ',
    ['timbrel', null],
    '!',
  ]);
});
