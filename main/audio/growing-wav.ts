import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppendingFile } from './appending-file';
import { storageFailure } from './storage-failure';
import { DATA_START, encodeWav, viewOf } from './wav';

const BYTES_PER_SAMPLE = 4;

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
    return (this.file.length - DATA_START) / BYTES_PER_SAMPLE;
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
      const samples = Math.max(0, Math.floor((size - DATA_START) / BYTES_PER_SAMPLE));
      const length = DATA_START + samples * BYTES_PER_SAMPLE;
      const wanted = headFor(sampleRate)(length);
      const head = Buffer.alloc(DATA_START);
      await handle.read(head, 0, DATA_START, 0);
      if (size === length && head.equals(wanted)) return samples;
      await handle.truncate(length);
      await handle.write(wanted, 0, DATA_START, 0);
      await handle.sync();
      return samples;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw storageFailure(error, dirname(path));
  }
}

/** The head of a file of a given length in bytes, head included. */
function headFor(sampleRate: number): (length: number) => Uint8Array {
  const head = encodeWav({ format: 'float32', samples: new Float32Array(0) }, sampleRate);
  return (length) => {
    const bytes = head.slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(4, Math.max(DATA_START, length) - 8, true);
    view.setUint32(DATA_START - 4, Math.max(0, length - DATA_START), true);
    return bytes;
  };
}
