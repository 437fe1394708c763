import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { FailureError } from '../../../contract/failure';
import { TextReport } from '../../../contract/text';
import { Manifest, symbolLimit } from '../manifest';
import { defaultPack } from '../testing/default-pack';
import { type Dictionary, loadDictionary } from './dictionary';
import { createFrontEnd, type FrontEnd } from './frontend';

/** The default pack, with lengths that the texts here are written for. */
function manifestOfKnownLengths(): Manifest {
  const known = Manifest.parse(structuredClone(defaultPack));
  Object.assign(known.models.target, { maxLength: 1024, trainedLength: 512 });
  Object.assign(known.models.draft, { maxLength: 1024, trainedLength: 512 });
  Object.assign(known.text, { framesPerSymbol: 3.4, framesPerPiece: 24 });
  return known;
}

const manifest = manifestOfKnownLengths();
const { symbols, framesPerSymbol, framesPerPiece } = manifest.text;
const { trainedLength } = manifest.models.target;
const voices = manifest.voices.map(({ name }) => name);
const [voice] = voices;

let dictionary: Dictionary;
let frontEnd: FrontEnd;
beforeAll(async () => {
  dictionary = await loadDictionary(manifest.text.dictionary);
  frontEnd = createFrontEnd(manifest, dictionary);
});

const symbolsOf = (text: string) =>
  frontEnd
    .prepare(text, voice)
    .flatMap(({ prompt }) =>
      prompt.slice(0, -2).map((id) => symbols[id - manifest.tokens.textBase]),
    );

const failureOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error('It was accepted.');
};

/** The rule that the pack's training text was written by, as its authors stated it. */
function trainingRule(text: string): string[] {
  return (text.match(/[A-Za-z']+|[,.\-;:?!]| /g) ?? []).flatMap((part) => {
    if (!/[A-Za-z']/.test(part)) return [part];
    const word = part.toLowerCase();
    return dictionary(word) ?? [...word];
  });
}

describe('agrees with the training rule', () => {
  const words =
    "the birch canoe slid on smooth planks it's easy to tell depth of a well these days chicken leg is rare dish don't o'clock timbrel glorphs zyx Boston Mary we'll never know what women's".split(
      ' ',
    );
  const sentence = fc
    .tuple(
      fc.array(
        fc.tuple(fc.constantFrom(...words), fc.constantFrom(' ', ' ', ' ', ', ', '; ', ': ')),
        {
          minLength: 2,
          maxLength: 8,
        },
      ),
      fc.constantFrom(...words),
      fc.constantFrom('.', '?', '!'),
    )
    .map(([parts, last, mark]) => `${parts.flat().join('')}${last}${mark}`)
    .map((text) => text[0].toUpperCase() + text.slice(1));

  it('on 200 plain sentences', () => {
    fc.assert(
      fc.property(sentence, (text) => {
        expect(symbolsOf(text)).toEqual(trainingRule(text));
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it('on hyphens between words', () => {
    const text = 'A blue-green, long-lost friend.';
    expect(symbolsOf(text)).toEqual(trainingRule(text));
  });
});

describe('words', () => {
  const phones = (text: string) => symbolsOf(text).slice(0, -1).join(' ');

  test.each([
    ["giraffe's", 'JH ER0 AE1 F S'],
    ["walrus's", 'W AO1 L R AH0 S IH0 Z'],
    ["zebra's", 'Z IY1 B R AH0 Z'],
    ["spoons'", 'S P UW1 N Z'],
    ['x-ray', 'EH1 K S R EY2'],
    ['x-rated-zyx', 'EH1 K S - R EY1 T IH0 D - z y x'],
    ['constructor', 'K AH0 N S T R AH1 K T ER0'],
    ['hasownproperty', 'h a s o w n p r o p e r t y'],
    ['aalborg', 'AO1 L B AO0 R G'],
  ])('%s', (word, expected) => {
    expect(phones(word)).toBe(expected);
  });

  it('names those that are spelled to the model, once each', () => {
    const { spelled } = frontEnd.inspect("Zyx met Glorph, and Zyx met Glorph's cat.");
    expect(spelled).toEqual(['Zyx', 'Glorph', "Glorph's"]);
  });
});

describe('long texts', () => {
  const clause = 'the old engine left the station, ';
  const texts: Record<string, string> = {
    'many sentences': 'The birch canoe slid on the smooth planks. Is it easy to tell? '.repeat(40),
    'one sentence of many clauses': `${clause.repeat(60)}and that was all.`,
    'one sentence of many words': `${'and so on '.repeat(300)}it went.`,
    'one word': 'z'.repeat(1000),
    'a long number': '1'.repeat(300),
    'twenty thousand characters': 'Dr. Smith paid $3.50 on 3 May 2024; he left. '.repeat(444),
  };
  test.each(Object.entries(texts))('%s', (_, text) => {
    const pieces = frontEnd.prepare(text, voices[voices.length - 1]);
    const { spoken, pieces: count } = frontEnd.inspect(text);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces).toHaveLength(count);
    const dense = (one: string) => one.replace(/\s/g, '');
    expect(dense(pieces.map((piece) => piece.text).join(''))).toBe(dense(spoken));
    for (const { prompt, expectedFrames } of pieces) {
      expect(prompt.length - 2).toBeLessThanOrEqual(symbolLimit(manifest));
      expect(prompt.length + expectedFrames).toBeLessThan(trainedLength);
      expect(prompt.at(-2)).toBe(manifest.voices[voices.length - 1].token);
      expect(prompt.at(-1)).toBe(manifest.tokens.startOfSpeech);
    }
  });

  const piecesOf = (text: string) => frontEnd.prepare(text, voice).map((piece) => piece.text);

  it('are split between sentences, which share a piece where they fit', () => {
    const long = 'The committee had met for three hours and finally agreed to postpone it.';
    expect(piecesOf(`Yes. No. ${long} ${long} Good.`)).toEqual([
      `Yes. No. ${long}`,
      `${long} Good.`,
    ]);
  });

  it('are split between paragraphs, however short', () => {
    expect(piecesOf('Yes.\n\nNo.')).toEqual(['Yes.', 'No.']);
  });

  it('are split at the clause nearest the middle when a sentence is too long', () => {
    const half = 'the committee had met for three hours and agreed to postpone';
    expect(piecesOf(`Today, ${half}, ${half}, then.`)).toEqual([
      `Today, ${half},`,
      `${half}, then.`,
    ]);
  });

  it('are split between words as the last resort, and never inside one', () => {
    const words = 'committee members had met for hours '.repeat(8).trim();
    expect(piecesOf(words).join(' ')).toBe(`${words}.`);
  });

  it('end each piece with a mark', () => {
    for (const { prompt } of frontEnd.prepare('and so on '.repeat(60), voice)) {
      expect(symbols[(prompt.at(-3) ?? 0) - manifest.tokens.textBase]).toBe('.');
    }
  });
});

describe('pauses by marks in the text', () => {
  const piecesOf = (text: string) =>
    frontEnd.prepare(text, voice).map(({ text, pauseFrames = 0 }) => [text, pauseFrames]);
  const frames = (seconds: number) => seconds * manifest.frameRate;

  test.each([
    [
      'Wait. [0.5 s] Go on.',
      [
        ['Wait.', 0],
        ['Go on.', 0.5],
      ],
    ],
    [
      'I said[1s]no',
      [
        ['I said,', 0],
        ['no.', 1],
      ],
    ],
    [
      'One [ .2 s ], two [2 s]; three.',
      [
        ['One,', 0],
        ['two,', 0.2],
        ['three.', 2],
      ],
    ],
    [
      'Yes.\n\n[1 s]\n\n[0.5 s] No.',
      [
        ['Yes.', 0],
        ['No.', 1.5],
      ],
    ],
    [
      'Wait [1 s]\nGo on.',
      [
        ['Wait.', 0],
        ['Go on.', 1],
      ],
    ],
    [
      'Yes. [1 s] No. Well.\n\nOh.',
      [
        ['Yes.', 0],
        ['No. Well.', 1],
        ['Oh.', 0],
      ],
    ],
  ])('%j', (text, expected) => {
    expect(piecesOf(text)).toEqual(expected.map(([said, s]) => [said, frames(Number(s))]));
    expect(frontEnd.inspect(text)).toMatchObject({ pieces: expected.length, unspeakable: [] });
  });

  test.each([
    ['before the first word', '[1 s] Yes.', [[0, 5]]],
    [
      'behind the last one',
      'Yes. ★ [1 s] [2 s]',
      [
        [5, 6],
        [7, 12],
        [13, 18],
      ],
    ],
    ['of no length', 'Yes [0 s] no.', [[4, 9]]],
    ['too long to be meant', 'Yes [11 s] no.', [[4, 10]]],
  ])('are struck %s', (_, text, unspeakable) => {
    expect(frontEnd.inspect(text)).toMatchObject({ unspeakable, pieces: 1 });
  });

  it('are shown as they are read, and last', () => {
    const { spoken, seconds } = frontEnd.inspect('Wait[0.50 s]go on.');
    expect(spoken).toBe('Wait, [0.5 s] go on.');
    const parts = ['Wait,', 'go on.'].map((part) => frontEnd.inspect(part).seconds);
    expect(seconds).toBeCloseTo(parts[0] + 0.5 + parts[1], 1);
  });

  it('leave other brackets alone', () => {
    expect(piecesOf('Yes [5 sheep] no.')).toEqual([['Yes five sheep no.', 0]]);
  });
});

describe('a pace', () => {
  it('of a pack that can goes behind the voice, and changes how long is expected', () => {
    const paced = { ...manifest, paces: [{ name: 'slow', token: 4200, rate: 0.5 }] };
    const { prepare, inspect } = createFrontEnd(paced, dictionary);
    const [usual] = prepare('Hello there.', voice);
    const [slow] = prepare('Hello there.', voice, [], 'slow');
    expect(slow.prompt).toEqual([...usual.prompt.slice(0, -1), 4200, ...usual.prompt.slice(-1)]);
    expect(slow.expectedFrames).toBeCloseTo(2 * usual.expectedFrames, -1);
    expect(inspect('Hello there.', [], 'slow').seconds).toBe(
      slow.expectedFrames / manifest.frameRate,
    );
  });

  it('of a pack that cannot is refused', () => {
    expect(failureOf(() => frontEnd.prepare('Hello.', voice, [], 'slow'))).toEqual({
      kind: 'usage',
      message: 'This voice pack has no pace “slow”.',
    });
  });
});

describe('reports', () => {
  it('what a piece is expected to last', () => {
    const [{ prompt, expectedFrames }] = frontEnd.prepare('Hello there.', voice);
    expect(expectedFrames).toBe(Math.round(framesPerSymbol * (prompt.length - 2) + framesPerPiece));
    expect(frontEnd.inspect('Hello there.').seconds).toBe(expectedFrames / manifest.frameRate);
  });

  it.each([
    ['', 'Type something to speak.'],
    [' \n ', 'Type something to speak.'],
    ['... ?!', 'There is only punctuation here: type some words to speak.'],
    [
      'Привет 😀',
      'This voice cannot speak any of these characters: type English words in Latin letters.',
    ],
    ['a'.repeat(20_001), 'The text has 20,001 characters: shorten it to 20,000.'],
  ])('that nothing can be generated from %j', (text, problem) => {
    expect(frontEnd.inspect(text)).toMatchObject({ problem, pieces: 0, seconds: 0 });
    expect(failureOf(() => frontEnd.prepare(text, voice))).toEqual({
      kind: 'text',
      message: problem,
    });
  });

  it('which voices there are when one is unknown', () => {
    expect(failureOf(() => frontEnd.prepare('Hello.', 'nobody'))).toEqual({
      kind: 'usage',
      message: `There is no voice "nobody": choose one of ${voices.join(', ')}.`,
    });
  });
});

it('answers any text with a report, and with prompts or one failure', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const report = TextReport.parse(frontEnd.inspect(text));
      if (report.problem !== null) {
        expect(failureOf(() => frontEnd.prepare(text, voice)).kind).toBe('text');
        return;
      }
      const pieces = frontEnd.prepare(text, voice);
      expect(pieces).toHaveLength(report.pieces);
      for (const { prompt } of pieces) {
        expect(prompt.length).toBeGreaterThan(2);
        expect(prompt.every((id) => id < manifest.tokens.embeddingRows)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
