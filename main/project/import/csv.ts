import { CsvError, parse } from 'csv-parse/sync';
import { FailureError } from '../../../contract/failure';
import type { ImportedLine } from '../../../contract/project';
import { shortened } from '../../../contract/sentence';
import { SpeakSettings } from '../../../contract/settings';
import type { Imported } from './import-lines';

const COLUMNS = ['text', 'voice', 'seed'];

/** Of what the file holds, in a message. */
const MAX_QUOTED_LENGTH = 40;
const MOST_QUOTED = 3;

/** A row of the file as the user counts them, its header being the first. */
type Row = { number: number; cells: string[] };

/**
 * A line a row, by the columns `text`, `voice` and `seed` that the first row names, the last two
 * where there are any. Cells are parted by commas, semicolons or tabs. Throws a `usage` failure
 * that names the column and the row of what is wrong.
 */
export function linesOfCsv(file: string, text: string, voices: readonly string[]): Imported {
  const [header, ...rows] = rowsOf(file, text);
  if (header === undefined) throw new FailureError('usage', `${file} is empty.`);
  const names = header.cells.map((name) => name.trim().toLowerCase());
  const place = placesOf(file, header, names);
  const reader = new RowReader(file, names, place, voices);
  const unknown = names.filter((name) => name !== '' && !COLUMNS.includes(name));
  const leftOut =
    unknown.length === 0
      ? []
      : [
          `${file}: of its columns ${quoted(unknown)} ${unknown.length > 1 ? 'were' : 'was'} left out.`,
        ];
  return { lines: rows.map((row) => reader.line(row)), leftOut };
}

function rowsOf(file: string, text: string): Row[] {
  try {
    const records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({ number: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const row = Number(error.lines);
    throw new FailureError(
      'usage',
      `${file}, row ${row}: its quotation marks do not match; mend that row, then import it again.`,
      { cause: error },
    );
  }
}

/** Whichever the first row has most of: spreadsheets of many countries write semicolons. */
function delimiterOf(text: string): string {
  const [first] = text.split(/\r|\n/, 1);
  const count = (mark: string) => first.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function placesOf(file: string, header: Row, names: string[]): Map<string, number> {
  const place = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    if (!COLUMNS.includes(name)) continue;
    if (place.has(name)) {
      throw new FailureError(
        'usage',
        `${file}, row ${header.number}: the column “${name}” is there twice.`,
      );
    }
    place.set(name, i);
  }
  if (!place.has('text')) {
    throw new FailureError(
      'usage',
      `${file}, row ${header.number}: there is no column “text”, only ${quoted(names)}; name the column of what is to be said “text”.`,
    );
  }
  return place;
}

class RowReader {
  constructor(
    private readonly file: string,
    private readonly names: readonly string[],
    private readonly place: ReadonlyMap<string, number>,
    private readonly voices: readonly string[],
  ) {}

  line(row: Row): ImportedLine {
    const { cells, number } = row;
    if (cells.length > this.names.length) {
      throw new FailureError(
        'usage',
        `${this.file}, row ${number}: it has ${cells.length} cells, but there are ${this.names.length} columns, ${quoted(this.names)}; put a text that holds the separator in quotation marks.`,
      );
    }
    if (cells.length < this.names.length) {
      throw this.wrong(row, this.names[cells.length], 'there is no cell for it');
    }
    const text = this.cell(row, 'text');
    if (text === '') throw this.wrong(row, 'text', 'it is empty');
    return { text, voice: this.voice(row), seed: this.seed(row) };
  }

  private voice(row: Row): string | null {
    const voice = this.cell(row, 'voice');
    if (voice === '' || this.voices.includes(voice)) return voice || null;
    throw this.wrong(
      row,
      'voice',
      `there is no voice ${quoted([voice])}; choose one of ${this.voices.join(', ')}`,
    );
  }

  private seed(row: Row): number | null {
    const typed = this.cell(row, 'seed');
    if (typed === '') return null;
    const seed = SpeakSettings.shape.seed.safeParse(Number(typed));
    if (seed.success) return seed.data;
    throw this.wrong(row, 'seed', `${quoted([typed])} is no whole number from 0 to 4294967295`);
  }

  private cell({ cells }: Row, column: string): string {
    const at = this.place.get(column);
    return at === undefined ? '' : cells[at].trim();
  }

  private wrong({ number }: Row, column: string, what: string): FailureError {
    return new FailureError(
      'usage',
      `${this.file}, row ${number}, column “${shortened(column, MAX_QUOTED_LENGTH)}”: ${what}.`,
    );
  }
}

/** The first few, each shortened: a file may have any number of columns, of any length. */
function quoted(names: readonly string[]): string {
  const shown = names
    .slice(0, MOST_QUOTED)
    .map((name) => `“${shortened(name, MAX_QUOTED_LENGTH)}”`)
    .join(', ');
  const more = names.length - MOST_QUOTED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
