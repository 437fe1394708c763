import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppendingFile } from './appending-file';
import { storageFailure } from './storage-failure';
import { encodeWav, viewOf } from './wav';

const BYTES_PER_SAMPLE = Float32Array.BYTES_PER_ELEMENT;
const NOTHING = { format: 'float32', samples: new Float32Array(0) } as const;
const HEAD_LENGTH = encodeWav(NOTHING, 48_000).byteLength;

/**
 * A mono WAV file of 32-bit floats that can be read by anyone after every append, also when the
 * process dies in the middle of one. Failures are `FailureError`s of kind `storage`; what was
 * written before them stays readable.
 */
export class GrowingWav {
  private constructor(private readonly file: AppendingFile) {}

  /** Creates the file, or empties it. `sampleRate` in Hz. */
  static async create(path: string, sampleRate: number): Promise<GrowingWav> {
    return new GrowingWav(await AppendingFile.create(path, headFor(sampleRate)));
  }

  /** Samples in the file. */
  get samples(): number {
    return samplesIn(this.file.length);
  }

  /** Takes a copy, so the caller may reuse `samples` at once. */
  append(samples: Float32Array): Promise<void> {
    return this.file.append(viewOf(samples.slice()));
  }

  sync(): Promise<void> {
    return this.file.sync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/**
 * Makes a file of `GrowingWav` whole again after its process died or the power was cut: the head is
 * set to the whole samples that are there. A missing file becomes one without samples.
 * Returns the number of samples.
 */
export async function repairWav(path: string, sampleRate: number): Promise<number> {
  try {
    // Not 'w', which would empty the file, and not 'r+', which would refuse a missing one.
    const handle = await open(path, 'a').then(async (created) => {
      await created.close();
      return open(path, 'r+');
    });
    try {
      const { size } = await handle.stat();
      const samples = samplesIn(size);
      const length = HEAD_LENGTH + samples * BYTES_PER_SAMPLE;
      const wanted = headFor(sampleRate)(length);
      const head = Buffer.alloc(HEAD_LENGTH);
      await handle.read(head, 0, HEAD_LENGTH, 0);
      if (size === length && head.equals(wanted)) return samples;
      await handle.truncate(length);
      await handle.write(wanted, 0, HEAD_LENGTH, 0);
      await handle.sync();
      return samples;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw storageFailure(error, dirname(path));
  }
}

/** Whole samples in a file of a given length in bytes. */
function samplesIn(length: number): number {
  return Math.max(0, Math.floor((length - HEAD_LENGTH) / BYTES_PER_SAMPLE));
}

/** The head of a file of a given length in bytes, head included. */
function headFor(sampleRate: number): (length: number) => Uint8Array {
  const head = encodeWav(NOTHING, sampleRate);
  return (length) => {
    const bytes = head.slice();
    const view = new DataView(bytes.buffer);
    const samples = samplesIn(length);
    const dataSize = samples * BYTES_PER_SAMPLE;
    view.setUint32(4, HEAD_LENGTH + dataSize - 8, true);
    // The head ends with the fact chunk's number of samples, then `data` and its size.
    view.setUint32(HEAD_LENGTH - 12, samples, true);
    view.setUint32(HEAD_LENGTH - 4, dataSize, true);
    return bytes;
  };
}
