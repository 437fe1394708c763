import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import type { Piece } from '../../contract/take';
import type { WordTime } from '../../contract/word-time';
import { DICTIONARY, type Dictionary, loadDictionary } from '../packs/text/dictionary';
import { pronounce } from '../packs/text/pronounce';
import { speakWithFlite, wordsOfSpeech } from './flite';
import { wordTimes } from './word-times';

const FOLDER = join(import.meta.dirname, '../../tests/data/word-times');
const SAMPLE_RATE = 16_000;
const FRAME_RATE = 50;

type Spoken = {
  text: string;
  voice: string;
  samples: Float32Array;
  words: { text: string; start: number; end: number }[];
};

let dictionary: Dictionary;
/** Not among what the models were learnt from. */
let sentences: Spoken[];

beforeAll(async () => {
  dictionary = await loadDictionary(DICTIONARY);
  const listed: (Spoken & { file: string })[] = JSON.parse(
    await readFile(join(FOLDER, 'words.json'), 'utf8'),
  );
  sentences = await Promise.all(
    listed.map(async ({ file, text, voice, words }) => {
      const wav = new wavefile.WaveFile(await readFile(join(FOLDER, file)));
      wav.fromMuLaw();
      return {
        text,
        voice,
        words,
        samples: Float32Array.from(wav.getSamples(), (s) => s / 2 ** 15),
      };
    }),
  );
});

const wordsOf = (text: string) =>
  (text.match(/[A-Za-z']+/g) ?? []).map((word) => ({
    text: word,
    symbols: pronounce(word, dictionary).symbols,
  }));

const framesOf = (samples: Float32Array) => Math.floor((samples.length / SAMPLE_RATE) * FRAME_RATE);

const piece = (text: string, startFrame: number, frames: number, end: Piece['end']): Piece => ({
  text,
  startFrame,
  frames,
  end,
  lookaheads: '',
});

const timesIn = (samples: Float32Array, pieces: Piece[]) =>
  wordTimes({ pieces, frameRate: FRAME_RATE, sampleRate: SAMPLE_RATE, samples }, wordsOf);

/** Absolute differences of starts and ends, in seconds, sorted. */
function errors(found: WordTime[], wanted: Spoken['words']): number[] {
  expect(found.map(({ text }) => text)).toEqual(wanted.map(({ text }) => text));
  return found
    .flatMap(({ start, end }, i) => [
      Math.abs(start - wanted[i].start),
      Math.abs(end - wanted[i].end),
    ])
    .sort((a, b) => a - b);
}
const median = (sorted: number[]) => sorted[sorted.length >> 1];

describe('wordTimes', () => {
  it('finds the words of ten sentences where the teacher says that they are', async () => {
    const all: number[] = [];
    for (const { text, samples, words } of sentences) {
      const found = await timesIn(samples, [piece(text, 0, framesOf(samples), 'endOfSpeech')]);
      const one = errors(found, words);
      expect(median(one)).toBeLessThan(0.06);
      all.push(...one);
    }
    all.sort((a, b) => a - b);
    expect(sentences.length).toBe(10);
    expect(median(all)).toBeLessThan(0.02);
    expect(all[Math.floor(0.9 * all.length)]).toBeLessThan(0.06);
  });

  it('finds them where the teacher says when it speaks the ten sentences now', async () => {
    const all: number[] = [];
    for (const { text, voice } of sentences) {
      const speech = await speakWithFlite(text, voice);
      const words = wordsOfSpeech(text, speech, (word) => dictionary(word) ?? []);
      if (words === null)
        throw new Error(`${voice} reads “${text}” otherwise than the dictionary.`);
      const { samples, sampleRate } = speech;
      expect(sampleRate).toBe(SAMPLE_RATE);
      const found = await timesIn(samples, [piece(text, 0, framesOf(samples), 'endOfSpeech')]);
      const one = errors(found, words);
      expect(median(one)).toBeLessThan(0.06);
      all.push(...one);
    }
    expect(sentences.length).toBe(10);
    expect(median(all.sort((a, b) => a - b))).toBeLessThan(0.02);
  }, 180_000);

  it('counts from the start of the take, over the silences between pieces', async () => {
    const [one, other] = sentences;
    const gap = 10;
    const start = framesOf(one.samples) + gap;
    const at = (start / FRAME_RATE) * SAMPLE_RATE;
    const samples = new Float32Array(at + other.samples.length);
    samples.set(one.samples);
    samples.set(other.samples, at);
    const found = await timesIn(samples, [
      piece(one.text, 0, framesOf(one.samples), 'endOfSpeech'),
      piece(other.text, start, framesOf(other.samples), 'endOfSpeech'),
    ]);
    const shifted = other.words.map(({ text, start: from, end }) => ({
      text,
      start: from + start / FRAME_RATE,
      end: end + start / FRAME_RATE,
    }));
    expect(median(errors(found, [...one.words, ...shifted]))).toBeLessThan(0.02);
  });

  it('leaves out the words that a cancelled piece did not come to', async () => {
    const { text, samples, words } = sentences[0];
    const reached = words.slice(0, 6);
    const frames = Math.round(reached[5].end * FRAME_RATE);
    const found = await timesIn(samples, [piece(text, 0, frames, 'cancelled')]);
    expect(median(errors(found, reached))).toBeLessThan(0.03);
  });

  it('gives ordered words whose phones lie in them', async () => {
    const { text, samples } = sentences[4];
    const found = await timesIn(samples, [piece(text, 0, framesOf(samples), 'endOfSpeech')]);
    let last = 0;
    for (const { start, end, phones } of found) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(phones[0]).toBe(start);
      expect([...phones, end]).toEqual([...phones, end].sort((a, b) => a - b));
      last = end;
    }
  });

  it('finds nothing where the sound is too short for its words, or silent', async () => {
    const { text } = sentences[0];
    expect(await timesIn(new Float32Array(640), [piece(text, 0, 2, 'endOfSpeech')])).toEqual([]);
    expect(await timesIn(new Float32Array(0), [])).toEqual([]);
    const silence = new Float32Array(4 * SAMPLE_RATE);
    for (const { start } of await timesIn(silence, [piece(text, 0, 200, 'endOfSpeech')])) {
      expect(start).toBeLessThanOrEqual(4);
    }
  });
});
