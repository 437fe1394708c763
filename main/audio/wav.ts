import wavefile from 'wavefile';
import type { ExportSettings } from '../../contract/export';
import { FailureError } from '../../contract/failure';

export type WavFormat = ExportSettings['format'];

/** Samples as a WAV file holds them: 16 and 24 bit as integers, 32 bit as floats of ±1. */
export type WavSamples =
  | { format: 'int16'; samples: Int16Array }
  | { format: 'int24'; samples: Int32Array }
  | { format: 'float32'; samples: Float32Array };

/** INFO tags by their four-letter names, such as INAM. */
export type InfoTags = Record<string, string>;

export type Wav = {
  /** Hz */
  sampleRate: number;
  /** Mono, ±1; several channels are averaged. */
  samples: Float32Array;
  bits: 16 | 24 | 32;
  tags: InfoTags;
};

/** Integers of 16 and 24 bits stand for these steps below full scale. */
export const FULL_SCALE = { int16: 2 ** 15, int24: 2 ** 23 } as const;

/** Where a file of integers holds the size of their data, in bytes from its start. */
const SIZE_OF_INTEGERS = 40;

const BIT_DEPTH = { int16: '16', int24: '24', float32: '32f' } as const;

/**
 * Reads a WAV file of 16 or 24-bit integers or 32-bit floats. Bytes after the RIFF chunk are
 * ignored, and of a file that was cut short its whole samples are read.
 * Throws a `FailureError` of kind `storage` for anything else.
 */
export function readWav(bytes: Uint8Array): Wav {
  let wav: wavefile.WaveFile;
  try {
    wav = new wavefile.WaveFile(withoutTrailingBytes(bytes));
  } catch (error) {
    const message = 'This is not a WAV file, or it is damaged beyond reading.';
    throw new FailureError('storage', message, { cause: error });
  }
  const { sampleRate, numChannels } = wav.fmt as { sampleRate: number; numChannels: number };
  const raw = (wav.data as { samples: Uint8Array }).samples;
  const interleaved = decode(raw, wav.bitDepth);
  if (!interleaved || !(sampleRate > 0) || !(numChannels > 0)) {
    throw new FailureError(
      'storage',
      'This WAV file holds a kind of samples that is not read here: save it as 16 or 24 bit, or as 32-bit float.',
    );
  }
  return {
    sampleRate,
    samples: mono(interleaved.samples, numChannels),
    bits: interleaved.bits,
    tags: infoTags(wav),
  };
}

/** A mono WAV file. Tags are written in the order given. */
export function encodeWav(sound: WavSamples, sampleRate: number, tags: InfoTags = {}): Uint8Array {
  const wav = new wavefile.WaveFile();
  wav.fromScratch(1, sampleRate, BIT_DEPTH[sound.format], []);
  // The library packs sample by sample, forty times slower than a view of the same memory.
  const data = sound.format === 'int24' ? packed24(sound.samples) : viewOf(sound.samples);
  // Chunks begin at even offsets, but the library knows no pad byte after the samples: it counts
  // the one given to it here as sound, and would lose the tags without it.
  const padded = new Uint8Array(data.byteLength + (data.byteLength % 2));
  padded.set(data);
  Object.assign(wav.data, { samples: padded });
  if (sound.format === 'float32') declareFloat(wav, sound.samples.length);
  for (const [tag, value] of Object.entries(tags)) wav.setTag(tag, value);
  const bytes = wav.toBuffer();
  if (padded.byteLength > data.byteLength) {
    new DataView(bytes.buffer).setUint32(SIZE_OF_INTEGERS, data.byteLength, true);
  }
  return bytes;
}

/** The standard asks more of samples that are not PCM: a longer fmt chunk, and a fact chunk. */
function declareFloat(wav: wavefile.WaveFile, samples: number): void {
  Object.assign(wav.fmt, { chunkSize: 18, cbSize: 0 });
  Object.assign(wav.fact, { chunkId: 'fact', chunkSize: 4, dwSampleLength: samples });
}

/** The bytes of samples as they lie in memory; every platform of Electron is little-endian. */
export function viewOf(samples: Int16Array | Float32Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function withoutTrailingBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < 12) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.subarray(0, Math.min(bytes.byteLength, 8 + view.getUint32(4, true)));
}

function decode(
  raw: Uint8Array,
  bitDepth: string,
): { samples: Float32Array; bits: Wav['bits'] } | null {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  switch (bitDepth) {
    case '16': {
      const samples = new Float32Array(raw.byteLength >> 1);
      for (let i = 0; i < samples.length; i++) {
        samples[i] = view.getInt16(2 * i, true) / FULL_SCALE.int16;
      }
      return { samples, bits: 16 };
    }
    case '24': {
      const samples = new Float32Array(Math.floor(raw.byteLength / 3));
      for (let i = 0; i < samples.length; i++) {
        const low = view.getUint8(3 * i);
        samples[i] = ((view.getInt16(3 * i + 1, true) << 8) | low) / FULL_SCALE.int24;
      }
      return { samples, bits: 24 };
    }
    case '32f': {
      const samples = new Float32Array(raw.byteLength >> 2);
      viewOf(samples).set(raw.subarray(0, samples.byteLength));
      return { samples, bits: 32 };
    }
    default:
      return null;
  }
}

function mono(interleaved: Float32Array, channels: number): Float32Array {
  if (channels === 1) return interleaved;
  const samples = new Float32Array(Math.floor(interleaved.length / channels));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += interleaved[i * channels + channel];
    samples[i] = sum / channels;
  }
  return samples;
}

function infoTags(wav: wavefile.WaveFile): InfoTags {
  const tags = wav.listTags() as InfoTags;
  return Object.fromEntries(Object.entries(tags).filter(([tag]) => /^I[A-Z0-9]{3}$/.test(tag)));
}

function packed24(samples: Int32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 3);
  for (let i = 0; i < samples.length; i++) {
    bytes[3 * i] = samples[i];
    bytes[3 * i + 1] = samples[i] >> 8;
    bytes[3 * i + 2] = samples[i] >> 16;
  }
  return bytes;
}
