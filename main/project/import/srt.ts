import { parse } from '@plussub/srt-vtt-parser';
import { FailureError } from '../../../contract/failure';
import type { ImportedLine } from '../../../contract/project';
import { shortened } from '../../../contract/sentence';

/**
 * A line a subtitle, its rows joined and its markup left out. Throws a `usage` failure that names
 * the subtitle when the file is no SRT.
 */
export function linesOfSrt(file: string, text: string): ImportedLine[] {
  return entriesOf(file, text)
    .map((entry) => spokenPart(entry.text))
    .filter((line) => line !== '')
    .map((line) => ({ text: line, voice: null, seed: null }));
}

function entriesOf(file: string, text: string) {
  let entries: ReturnType<typeof parse>['entries'];
  try {
    // The parser knows one kind of line end.
    entries = parse(text.replace(/\r\n?/g, '\n')).entries;
  } catch (error) {
    throw new FailureError(
      'usage',
      `${file} is not an SRT file: a subtitle lacks its times or its text.`,
      { cause: error },
    );
  }
  const at = entries.findIndex(({ from, to }) => !(from <= to));
  if (at !== -1) {
    const name = shortened(entries[at].id, 20) || String(at + 1);
    throw new FailureError('usage', `${file}: the times of subtitle ${name} cannot be read.`);
  }
  return entries;
}

function spokenPart(text: string): string {
  return text
    .replace(/<[^<>]*>|\{\\[^{}]*\}/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
