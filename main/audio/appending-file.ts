import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PRIVATE } from './durable-file';
import { storageFailure } from './storage-failure';

/**
 * A file that only grows, one append at a time in the order they were asked for. After a failed
 * append (full disk) the file ends where the last whole append ended, and every later append fails
 * with the same sentence: what follows a gap would be worth nothing.
 */
export class AppendingFile {
  #length: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    /** The file's first bytes, always of one size, rewritten whenever its length changes. */
    private readonly head: (length: number) => Uint8Array,
  ) {
    this.#length = head(0).byteLength;
  }

  /** Creates the file, which only this user may open, or empties it. */
  static async create(
    path: string,
    head: (length: number) => Uint8Array = () => new Uint8Array(0),
  ): Promise<AppendingFile> {
    try {
      const handle = await open(path, 'w', PRIVATE);
      const file = new AppendingFile(path, handle, head);
      try {
        await writeAll(handle, head(file.#length), 0);
      } catch (error) {
        await handle.close();
        throw error;
      }
      return file;
    } catch (error) {
      throw storageFailure(error, dirname(path));
    }
  }

  /** Bytes of whole appends so far, head included. */
  get length(): number {
    return this.#length;
  }

  /** `bytes` must not change until this resolves. */
  append(bytes: Uint8Array): Promise<void> {
    return this.#next(async () => {
      try {
        await writeAll(this.handle, bytes, this.#length);
        const length = this.#length + bytes.byteLength;
        // After the data, and in one write: whoever looks meanwhile sees a whole, shorter file.
        await writeAll(this.handle, this.head(length), 0);
        this.#length = length;
      } catch (error) {
        await this.handle.truncate(this.#length).catch(() => undefined);
        throw storageFailure(error, dirname(this.path));
      }
    });
  }

  /** Waits until all that was appended is on the disk. */
  sync(): Promise<void> {
    return this.#next(async () => {
      await this.handle.datasync().catch((error) => {
        throw storageFailure(error, dirname(this.path));
      });
    });
  }

  /** Closes the file, whatever became of it before; it is on the disk then. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    try {
      await this.handle.datasync();
    } catch (error) {
      throw storageFailure(error, dirname(this.path));
    } finally {
      await this.handle.close();
    }
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(step);
    return this.#last;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(
      bytes,
      done,
      bytes.byteLength - done,
      position + done,
    );
    done += bytesWritten;
  }
}
