import { readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import filenamify from 'filenamify';
import { errorCode, storageFailure } from './storage-failure';

/** In UTF-16 units: three bytes each, and a number, still fit the 255 of every file system. */
const MAX_LENGTH = 80;

/** A file name that every system takes, made of a take's name; `extension` begins with a dot. */
export function fileName(name: string, extension: string): string {
  // Through UTF-8, which no half of a surrogate pair survives.
  const trimmed = Buffer.from(name)
    .toString()
    .replace(/^[\s.]+|[\s.]+$/gu, '');
  return filenamify(`${trimmed || 'Take'}${extension}`, {
    replacement: '-',
    maxLength: MAX_LENGTH,
  });
}

/** The sidecar's path beside an exported file: `Name.wav` has `Name.json`. */
export function sidecarPath(path: string): string {
  const extension = extname(path);
  const stem = extension.toLowerCase() === '.wav' ? path.slice(0, -extension.length) : path;
  return `${stem}.json`;
}

/**
 * A name for a WAV file that is free in `folder`, as is its sidecar's: `Name.wav`, `Name 2.wav`, …
 * A folder that is not there takes any name.
 */
export async function freeName(folder: string, name: string): Promise<string> {
  const taken = new Set(await lowerCaseNames(folder));
  for (let number = 1; ; number++) {
    // The number is never what a long name loses its end for.
    const stem = fileName(name, '.wav').slice(0, -'.wav'.length);
    const candidate = number === 1 ? `${stem}.wav` : `${stem} ${number}.wav`;
    const names = [candidate, sidecarPath(candidate)];
    if (!names.some((each) => taken.has(caseless(each)))) return candidate;
  }
}

async function lowerCaseNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).map(caseless);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw storageFailure(error, folder);
  }
}

/** As the file systems of Windows and macOS compare names. */
function caseless(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
