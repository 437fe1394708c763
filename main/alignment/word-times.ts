import { setImmediate } from 'node:timers/promises';
import type { Piece } from '../../contract/take';
import type { WordTime } from '../../contract/word-time';
import { cepstra, HOP_SECONDS } from './cepstra';
import { alignWords } from './forced-alignment';
import type { PhoneModels } from './phone-models';
import models from './phone-models.json';

/** A word as a front end reads it: ARPAbet phones, or the letters of what it could not look up. */
export type ReadWord = { text: string; symbols: readonly string[] };

export type SpokenTake = {
  pieces: readonly Piece[];
  /** Hz */
  frameRate: number;
  sampleRate: number;
  samples: Float32Array;
};

/** About how a letter sounds, for words that are spelled. */
const LETTER_PHONES: Record<string, string> = Object.fromEntries(
  'a:AE b:B c:K d:D e:EH f:F g:G h:HH i:IH j:JH k:K l:L m:M n:N o:AA p:P q:K r:R s:S t:T u:AH v:V w:W x:S y:IY z:Z'
    .split(' ')
    .map((pair) => pair.split(':')),
);

/**
 * Where the words of a take are heard, by a forced alignment of its sound, piece by piece. Words
 * that a cut-off piece did not come to are left out. `wordsOf` reads the text of a piece.
 */
export async function wordTimes(
  take: SpokenTake,
  wordsOf: (text: string) => ReadWord[],
): Promise<WordTime[]> {
  const times: WordTime[] = [];
  for (const piece of take.pieces) {
    // A long take holds up nothing else meanwhile.
    await setImmediate();
    const from = piece.startFrame / take.frameRate;
    const to = from + piece.frames / take.frameRate;
    const sound = take.samples.subarray(
      Math.round(from * take.sampleRate),
      Math.round(to * take.sampleRate),
    );
    const words = wordsOf(piece.text);
    const phones = words.map(({ symbols }) => symbols.flatMap(phoneOf));
    const isWhole = piece.end === 'endOfSpeech';
    const features = cepstra(sound, take.sampleRate);
    const places = alignWords(features, phones, models as PhoneModels, isWhole);
    for (const [i, frames] of places.entries()) {
      const [end, ...starts] = frames.map((frame) => from + frame * HOP_SECONDS).reverse();
      const inOrder = starts.reverse();
      times.push({ text: words[i].text, start: inOrder[0], end, phones: inOrder });
    }
  }
  return times;
}

function phoneOf(symbol: string): string[] {
  const phone = symbol.replace(/\d$/, '');
  if (Object.hasOwn(models, phone)) return [phone];
  return Object.hasOwn(LETTER_PHONES, symbol) ? [LETTER_PHONES[symbol]] : [];
}
