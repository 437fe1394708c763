import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, rmdir, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import lockfile from 'proper-lockfile';
import { openPromise } from 'yauzl';
import { FailureError } from '../../../contract/failure';
import { renameSynced } from '../../audio/durable-file';
import { errorCode, storageFailure } from '../../audio/storage-failure';
import { cancelled, download, sizeOf } from './download';
import { folderFor } from './folder';
import type { PackageIndex } from './package-index';
import { installedBytes, type Wheel } from './wheels';

export type Installation = {
  /** Where all that belongs to CUDA lies (`cudaHome`). */
  home: string;
  wheels: readonly Wheel[];
  /** Files of ONNX Runtime itself, which looks for providers beside itself. */
  runtime: readonly string[];
  index: PackageIndex;
  /** Bytes of all the wheels that are there, whenever there are more. */
  onBytes: (bytes: number) => void;
  signal?: AbortSignal;
};

/** A lock that nobody renewed for so long was left by a process that died. */
const STALE_MS = 3000;
/** A lock's time may be rounded up by a second. */
const LOCK_TRIES = 5;
/** For file systems and for what else is written meanwhile. */
const SPARE_BYTES = 64 * 2 ** 20;

/**
 * Fetches the libraries for CUDA and returns their folder, which is there only when it is whole. What an earlier try
 * fetched is used. Takes away what an earlier version of the program left. Throws a `FailureError`, as `download` does.
 */
export async function install(installation: Installation): Promise<string> {
  const { home, wheels } = installation;
  const folder = folderFor(wheels, home);
  return alone(home, async (lost) => {
    const signal = AbortSignal.any([lost, ...(installation.signal ? [installation.signal] : [])]);
    const staging = `${folder}.partial`;
    try {
      if (await isWhole(folder, installation)) return folder;
      await mkdir(staging, { recursive: true });
      await fill(staging, { ...installation, signal });
      // What its user or a cleaner took files out of.
      await remove(folder);
      await renameSynced(staging, folder);
      // On Windows a library that is in use stays, until the next time.
      await clear(home, folder).catch(() => undefined);
    } catch (error) {
      throw storageFailure(error, home);
    }
    return folder;
  });
}

/** Takes away all that was fetched for CUDA. Throws a `FailureError`. */
export async function uninstall(home: string): Promise<void> {
  await alone(home, async () => {
    await clear(home);
    await rmdir(home);
  }).catch((error) => {
    if (!/^(EBUSY|EPERM|EACCES)$/.test(errorCode(error) ?? '')) throw storageFailure(error, home);
    const message = `The libraries in ${home} are in use: quit Timbrel, then run \`npm run gpu -- --remove\`.`;
    throw new FailureError('storage', message, { cause: error });
  });
}

/** Removes what is in `home`, but for one folder. */
async function clear(home: string, kept?: string): Promise<void> {
  for (const name of await readdir(home)) {
    const path = join(home, name);
    if (path !== kept) await remove(path);
  }
}

/** Renames a folder before it goes, so that it is never there in part. */
async function remove(folder: string): Promise<void> {
  const going = `${folder.replace(/\.going$/, '')}.going`;
  await rename(folder, going).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await rm(going, { recursive: true, force: true });
}

/** Whether all is in the folder, by the sizes of its files. */
async function isWhole(folder: string, { wheels, runtime }: Installation): Promise<boolean> {
  for (const wheel of wheels) if (!(await hasLibraries(folder, wheel))) return false;
  for (const file of runtime) {
    if ((await sizeOf(join(folder, basename(file)))) !== (await sizeOf(file))) return false;
  }
  return true;
}

/**
 * Does work that no other process may do at the same time; its signal aborts when another one does it all the same, after
 * a long sleep of this machine for instance.
 */
async function alone<T>(home: string, work: (lost: AbortSignal) => Promise<T>): Promise<T> {
  const lost = new AbortController();
  let release: () => Promise<void>;
  try {
    await mkdir(home, { recursive: true });
    release = await lockfile.lock(home, {
      realpath: false,
      stale: STALE_MS,
      update: 1000,
      retries: { retries: LOCK_TRIES, factor: 1, minTimeout: 1000 },
      onCompromised: () => lost.abort(),
    });
  } catch (error) {
    if (errorCode(error) !== 'ELOCKED') throw storageFailure(error, home);
    const message =
      'The libraries for CUDA are being fetched by another Timbrel: let it end first.';
    throw new FailureError('usage', message);
  }
  return work(lost.signal).finally(() => release().catch(() => undefined));
}

/** Puts everything into `staging`; a file that has its name there is whole. */
async function fill(staging: string, installation: Installation): Promise<void> {
  const { home, wheels, runtime, index, onBytes, signal } = installation;
  await checkRoom(home, staging, wheels);
  let done = 0;
  for (const wheel of wheels) {
    const before = done;
    done += wheel.bytes;
    if (!(await hasLibraries(staging, wheel))) {
      const part = partOf(staging, wheel);
      const tell = (bytes: number) => onBytes(before + bytes);
      await download(wheel, part, { index, onBytes: tell, signal });
      await unpack(wheel, part, staging, signal);
      await rm(part);
    }
    onBytes(done);
  }
  for (const file of runtime) {
    await place(staging, basename(file), (target) => copyFile(file, target));
  }
}

const partOf = (staging: string, { file }: Wheel) => join(staging, `${file}.part`);

async function hasLibraries(staging: string, { libraries }: Wheel): Promise<boolean> {
  for (const [path, bytes] of Object.entries(libraries)) {
    if ((await sizeOf(join(staging, basename(path)))) !== bytes) return false;
  }
  return true;
}

/** One wheel at a time is there beside the libraries that come out of them. */
async function checkRoom(home: string, staging: string, wheels: readonly Wheel[]): Promise<void> {
  let libraries = SPARE_BYTES;
  let wheelBytes = 0;
  for (const wheel of wheels) {
    if (await hasLibraries(staging, wheel)) continue;
    libraries += installedBytes([wheel]);
    wheelBytes = Math.max(wheelBytes, wheel.bytes - (await sizeOf(partOf(staging, wheel))));
  }
  const { bavail, bsize } = await statfs(home);
  const [needed, free] = [libraries + wheelBytes, bavail * bsize];
  if (free >= needed) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  const message = `The libraries for CUDA need ${megabytes(needed)} in ${home}, and ${megabytes(free)} are free: make room there, then try again.`;
  throw new FailureError('storage', message);
}

async function unpack(wheel: Wheel, archive: string, staging: string, signal?: AbortSignal) {
  const zip = await openPromise(archive);
  const found = new Set<string>();
  for await (const entry of zip.eachEntry()) {
    const bytes = wheel.libraries[entry.fileName];
    if (bytes === undefined) continue;
    if (signal?.aborted) throw cancelled();
    await place(staging, basename(entry.fileName), async (target) => {
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    });
    found.add(entry.fileName);
  }
  const lacking = Object.keys(wheel.libraries).find((path) => !found.has(path));
  if (lacking !== undefined || !(await hasLibraries(staging, wheel))) {
    const message = `${wheel.file} does not hold what was expected of it (${lacking ?? 'other sizes'}).`;
    throw new FailureError('runtime', message);
  }
}

/** Makes a file under another name, and gives it its own once it is on the disk. */
async function place(
  staging: string,
  name: string,
  make: (target: string) => Promise<void>,
): Promise<void> {
  const target = join(staging, name);
  const temporary = `${target}.tmp`;
  await make(temporary);
  const file = await open(temporary, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await renameSynced(temporary, target);
}
