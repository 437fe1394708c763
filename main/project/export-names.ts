import { FailureError } from '../../contract/failure';
import type { Line } from '../../contract/project';
import { shortened } from '../../contract/sentence';
import { fileName } from '../audio/file-name';

const FIELDS = ['number', 'text', 'voice', 'seed', 'project'] as const;
type Field = (typeof FIELDS)[number];

/** Words of a line's text in its file's name. */
const WORDS = 6;

/** A line to export: its place in the project, from 1, and the take that speaks it. */
export type NamedLine = { number: number; line: Pick<Line, 'text' | 'settings'> };

/**
 * File names of lines by a template, such as `{number} {text}`, in order and without two alike on
 * any file system: a name that was taken gets a number. Throws a `usage` failure that names a field
 * of the template which does not exist.
 */
export function exportNames(
  template: string,
  project: string,
  lines: readonly NamedLine[],
  /** Of the project, by which numbers are padded. */
  total: number,
): string[] {
  const taken = new Set<string>();
  const width = String(total).length;
  return lines.map(({ number, line }) => {
    const values: Record<Field, string> = {
      number: String(number).padStart(width, '0'),
      text: wordsOf(line.text),
      voice: line.settings.voice,
      seed: String(line.settings.seed),
      project,
    };
    const stem = fileName(fill(template, values), '.wav').slice(0, -'.wav'.length);
    for (let copy = 1; ; copy++) {
      const name = copy === 1 ? stem : `${stem} (${copy})`;
      // As the file systems of Windows and macOS compare names.
      const key = name.normalize('NFC').toLowerCase();
      if (taken.has(key)) continue;
      taken.add(key);
      return `${name}.wav`;
    }
  });
}

function fill(template: string, values: Record<Field, string>): string {
  return template.replace(/\{([^{}]*)\}/g, (written, name: string) => {
    const field = FIELDS.find((each) => each === name.trim().toLowerCase());
    if (field !== undefined) return values[field];
    const all = FIELDS.map((each) => `{${each}}`).join(', ');
    throw new FailureError(
      'usage',
      `The name template has no ${shortened(written, 40)}: it may have ${all}.`,
    );
  });
}

function wordsOf(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words
    .slice(0, WORDS)
    .join(' ')
    .replace(/[.,;:!?]+$/, '');
}
