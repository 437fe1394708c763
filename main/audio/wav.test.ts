import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFailure } from '../../contract/failure';
import { encodeWav, readWav } from './wav';

const floats = Float32Array.of(0, 0.5, -0.5, 1, -1, 1.25, 2 ** -24, -0.1);

describe('encodeWav and readWav', () => {
  it('keep every 16-bit, 24-bit and float sample as it is', () => {
    const int16 = Int16Array.of(0, 1, -1, 32767, -32768, 12345, -54);
    const int24 = Int32Array.of(0, 1, -1, 8388607, -8388608, 1234567, -255, 256, -257);
    expect(readWav(encodeWav({ format: 'int16', samples: int16 }, 16_000))).toMatchObject({
      sampleRate: 16_000,
      bits: 16,
      samples: Float32Array.from(int16, (x) => x / 32768),
    });
    expect(readWav(encodeWav({ format: 'int24', samples: int24 }, 44_100))).toMatchObject({
      sampleRate: 44_100,
      bits: 24,
      samples: Float32Array.from(int24, (x) => x / 8388608),
    });
    expect(readWav(encodeWav({ format: 'float32', samples: floats }, 48_000))).toMatchObject({
      sampleRate: 48_000,
      bits: 32,
      samples: floats,
    });
  });

  it('write the fields of the RIFF standard, with a pad byte after odd data', () => {
    const bytes = Buffer.from(encodeWav({ format: 'int24', samples: Int32Array.of(1) }, 16_000));
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect(bytes.toString('latin1', 8, 16)).toBe('WAVEfmt ');
    expect(bytes.readUInt16LE(20)).toBe(1);
    expect(bytes.readUInt16LE(22)).toBe(1);
    expect(bytes.readUInt32LE(24)).toBe(16_000);
    expect(bytes.readUInt32LE(28)).toBe(48_000);
    expect(bytes.readUInt16LE(32)).toBe(3);
    expect(bytes.readUInt16LE(34)).toBe(24);
    expect(bytes.toString('latin1', 36, 40)).toBe('data');
    expect(bytes.readUInt32LE(40)).toBe(3);
    expect(bytes).toHaveLength(44 + 3 + 1);
  });

  it('write the longer fmt chunk and the fact chunk that floats demand', () => {
    const bytes = Buffer.from(encodeWav({ format: 'float32', samples: floats }, 16_000));
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect(bytes.readUInt32LE(16)).toBe(18);
    expect(bytes.readUInt16LE(20)).toBe(3);
    expect(bytes.readUInt16LE(36)).toBe(0);
    expect(bytes.toString('latin1', 38, 42)).toBe('fact');
    expect(bytes.readUInt32LE(42)).toBe(4);
    expect(bytes.readUInt32LE(46)).toBe(floats.length);
    expect(bytes.toString('latin1', 50, 54)).toBe('data');
    expect(bytes.readUInt32LE(54)).toBe(4 * floats.length);
    expect(bytes).toHaveLength(58 + 4 * floats.length);
  });

  it('keep tags, whatever letters they hold, after data of odd length as well', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replaceAll('\0', '')),
        fc.integer({ min: 0, max: 5 }),
        (name, length) => {
          const samples = new Int32Array(length).fill(-7);
          const tags = { INAM: name, ICMT: 'seed 7; θ 0.4' };
          const wav = readWav(encodeWav({ format: 'int24', samples }, 16_000, tags));
          expect(wav.tags).toEqual(tags);
          expect(wav.samples).toEqual(new Float32Array(length).fill(-7 / 8388608));
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('readWav', () => {
  const whole = encodeWav({ format: 'float32', samples: floats }, 16_000, { INAM: 'A' });

  it('ignores whatever follows the RIFF chunk', () => {
    for (const trailing of ['x', 'LIST\0\0\0\0INFOINAM\u0002\0\0\0B\0', 'data\xff\xff\xff\xff']) {
      const wav = readWav(Buffer.concat([whole, Buffer.from(trailing, 'latin1')]));
      expect(wav.samples).toEqual(floats);
      expect(wav.tags).toEqual({ INAM: 'A' });
    }
  });

  it('reads the whole samples of a file that was cut short', () => {
    expect(readWav(whole.subarray(0, 58 + 4 * 3 + 2)).samples).toEqual(floats.subarray(0, 3));
  });

  it('averages the channels of other files', () => {
    const stereo = encodeWav({ format: 'int16', samples: Int16Array.of(100, 300, -5, 5) }, 8_000);
    stereo[22] = 2;
    stereo[32] = 4;
    expect(readWav(stereo).samples).toEqual(Float32Array.of(200 / 32768, 0));
  });

  it('answers anything else with one sentence', () => {
    const eightBit = encodeWav({ format: 'int16', samples: Int16Array.of(1, 2) }, 8_000);
    eightBit[34] = 8;
    eightBit[32] = 1;
    const damaged = [
      Buffer.alloc(0),
      Buffer.from('RIFF'),
      Buffer.from('This is a text, and no sound at all.'),
      whole.subarray(0, 30),
      eightBit,
    ];
    for (const bytes of damaged) {
      const failure = failureOf(() => readWav(bytes));
      expect(failure.kind).toBe('storage');
      expect(failure.message).toMatch(/^This (is not a )?WAV file.*[^.]\.$/);
    }
  });

  it('either reads a file with altered bytes or says so, and throws nothing else', () => {
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (edits, end) => {
        const bytes = whole.slice(0, end);
        for (const [position, value] of edits) if (position < end) bytes[position] = value;
        const failure = failureOf(() => readWav(bytes));
        expect(['none', 'storage']).toContain(failure.kind);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });
});

function failureOf(work: () => unknown): { kind: string; message: string } {
  try {
    work();
    return { kind: 'none', message: '' };
  } catch (error) {
    return toFailure(error);
  }
}
