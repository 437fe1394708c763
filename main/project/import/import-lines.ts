import { basename, dirname, extname } from 'node:path';
import { FailureError } from '../../../contract/failure';
import { type ImportedLine, MAX_LINES } from '../../../contract/project';
import { shortened } from '../../../contract/sentence';
import { MAX_TEXT_LENGTH } from '../../../contract/settings';
import { storageFailure } from '../../audio/storage-failure';
import { readRegularFile } from '../../disk/regular-file';
import { linesOfCsv } from './csv';
import { linesOfSrt } from './srt';
import { linesOfTxt } from './txt';

/** Lines of a file, and what of it was left out, a sentence each. */
export type Imported = { lines: ImportedLine[]; leftOut: string[] };

/** Far more than a project may hold; a film chosen by mistake is refused before it is read. */
const MAX_BYTES = 32 << 20;
/** Of the file's name in a message. */
const MAX_NAME_LENGTH = 60;

/**
 * Reads lines from a TXT, CSV or SRT file, told apart by their extensions. Throws a `FailureError`:
 * `usage` for what the file holds, with its column and row, `storage` when it cannot be read.
 */
export async function readLines(path: string, voices: readonly string[]): Promise<Imported> {
  const file = shortened(basename(path), MAX_NAME_LENGTH);
  const imported = parse(path, file, await readText(path), voices);
  if (imported.lines.length === 0) throw new FailureError('usage', `${file} has no lines to add.`);
  if (imported.lines.length > MAX_LINES) {
    const [has, may] = [imported.lines.length, MAX_LINES].map((n) => n.toLocaleString('en'));
    throw new FailureError('usage', `${file} has ${has} lines: split it, a project holds ${may}.`);
  }
  for (const [i, { text }] of imported.lines.entries()) {
    if (text.length <= MAX_TEXT_LENGTH) continue;
    const [has, may] = [text.length, MAX_TEXT_LENGTH].map((n) => n.toLocaleString('en'));
    throw new FailureError(
      'usage',
      `Line ${i + 1} of ${file} has ${has} characters: shorten it to ${may}.`,
    );
  }
  return imported;
}

function parse(path: string, file: string, text: string, voices: readonly string[]): Imported {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return linesOfCsv(file, text, voices);
    case '.srt':
      return { lines: linesOfSrt(file, text), leftOut: [] };
    case '.txt':
      return { lines: linesOfTxt(text), leftOut: [] };
    default:
      throw new FailureError('usage', `${file} is no TXT, CSV or SRT file: choose one of these.`);
  }
}

/** UTF-8 with or without its mark, or UTF-16 with one, as spreadsheets write it. */
async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readRegularFile(path, MAX_BYTES);
  } catch (error) {
    throw storageFailure(error, dirname(path));
  }
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new FailureError(
      'usage',
      `${shortened(basename(path), MAX_NAME_LENGTH)} is not UTF-8 text: save it as UTF-8, then import it again.`,
    );
  }
}
