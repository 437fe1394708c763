import type { ImportedLine } from '../../../contract/project';

/** A line a line; empty ones are left out. */
export function linesOfTxt(text: string): ImportedLine[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => ({ text: line, voice: null, seed: null }));
}
