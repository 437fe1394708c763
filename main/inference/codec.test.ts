import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamingVocoder, type Vocoder } from './codec';
import type { CodecContext } from './messages';

/**
 * A codec whose every sample hangs on all frames of its context and on their order, and on where
 * the stretch begins and ends when that is nearer.
 */
function exampleCodec(contextFrames: CodecContext, samplesPerFrame: number) {
  const asked: number[] = [];
  const codec: Vocoder = {
    contextFrames,
    samplesPerFrame,
    decode: async (tokens, voice) => {
      asked.push(tokens.length);
      return Float32Array.from({ length: tokens.length * samplesPerFrame }, (_, sample) => {
        const frame = Math.floor(sample / samplesPerFrame);
        let sum = voice + (sample % samplesPerFrame);
        for (let at = -contextFrames.before; at <= contextFrames.after; at++) {
          sum = Math.fround((sum * 31 + (tokens[frame + at] ?? -1) + 2) % 65_521);
        }
        return sum;
      });
    },
  };
  return { codec, asked };
}

const VOICE = 7;

const concatenated = (chunks: Float32Array[]) =>
  Float32Array.from(chunks.flatMap((chunk) => [...chunk]));

describe('streamed vocoding', () => {
  const count = fc.nat({ max: 60 });
  it('equals whole vocoding, however the context and the rounds are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ before: count, after: count }),
        fc.constantFrom(1, 5),
        fc.array(fc.array(fc.nat({ max: 4095 }), { maxLength: 9 }), { maxLength: 60 }),
        async (context, samplesPerFrame, rounds) => {
          const { codec } = exampleCodec(context, samplesPerFrame);
          const stream = new StreamingVocoder(codec, VOICE);
          const chunks: Float32Array[] = [];
          for (const tokens of rounds) {
            stream.push(tokens);
            const sound = await stream.next();
            if (sound) chunks.push(sound);
          }
          chunks.push(await stream.rest());
          expect(concatenated(chunks)).toEqual(await codec.decode(rounds.flat(), VOICE));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('begins as soon as four frames and the look-ahead are there', async () => {
    for (const after of [0, 2, 4, 29]) {
      const { codec } = exampleCodec({ before: 40, after }, 480);
      const stream = new StreamingVocoder(codec, VOICE);
      let pushed = 0;
      let sound: Float32Array | null = null;
      while (!sound) {
        stream.push([pushed++]);
        sound = await stream.next();
      }
      expect(pushed).toBe(4 + after);
      expect(sound.length).toBe(4 * 480);
    }
  });

  it('decodes no more than a chunk and its context at once', async () => {
    const { codec, asked } = exampleCodec({ before: 12, after: 4 }, 1);
    const stream = new StreamingVocoder(codec, VOICE);
    for (let token = 0; token < 500; token++) {
      stream.push([token]);
      await stream.next();
    }
    expect(Math.max(...asked)).toBe(12 + 64 + 4);
  });
});
