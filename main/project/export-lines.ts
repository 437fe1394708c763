import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { ExportReport, ExportSettings } from '../../contract/export';
import { FailureError, toFailure } from '../../contract/failure';
import type { Line, LineExportReport, LineExportSettings } from '../../contract/project';
import type { Take } from '../../contract/take';
import { replaceFile } from '../audio/durable-file';
import { exportSound, exportTake } from '../audio/export';
import { fileName } from '../audio/file-name';
import { resample } from '../audio/resample';
import type { Sound } from '../takes/store';
import { exportNames, type NamedLine } from './export-names';

export type LineExport = {
  /** Of the project, for names. */
  name: string;
  lines: readonly Line[];
  settings: LineExportSettings;
  /** The same for every file. */
  sound: ExportSettings;
  /** Is there; what of it may be replaced was agreed to. */
  folder: string;
  version: string;
  /** Throw a `FailureError` for a take that is gone. */
  getTake: (id: string) => Take;
  readSound: (id: string) => Promise<Sound>;
};

type ChosenLine = NamedLine & { line: Line & { chosen: string } };
type Spoken = ChosenLine & { take: Take; sound: Sound };

/** Names of the files that an export writes into its folder: WAV files first, then the table. */
export function plannedFiles({ name, lines, settings }: LineExportPlan): string[] {
  const chosen = chosenLines(lines);
  const files =
    settings.layout === 'joined'
      ? [fileName(name, '.wav')]
      : exportNames(settings.template, name, chosen, lines.length);
  if (chosen.length === 0) return [];
  return settings.table ? [...files, tableName(name)] : files;
}

export type LineExportPlan = Pick<LineExport, 'name' | 'lines' | 'settings'>;

/**
 * Writes the chosen take of every line, a file each or joined with silence between, all with the
 * same settings, and a table of the lines. A line without a take, or whose sound is gone, is left
 * out and named. Throws a `FailureError`: `usage` when no line has a take, `storage` when a file
 * cannot be written; files that were written by then stay.
 */
export async function exportLines(request: LineExport): Promise<LineExportReport> {
  const { name, lines, settings, folder } = request;
  const chosen = chosenLines(lines);
  if (chosen.length === 0) {
    throw new FailureError('usage', 'No line has a chosen take to export: generate some first.');
  }
  const names = plannedFiles(request);
  const leftOut = lines.flatMap(({ chosen }, i) =>
    chosen === null ? [`Line ${i + 1} has no chosen take.`] : [],
  );
  const written =
    settings.layout === 'joined'
      ? await writeJoined(request, chosen, names[0], leftOut)
      : await writeEach(request, chosen, names, leftOut);
  if (written.rows.length === 0) {
    throw new FailureError('storage', `Nothing was exported. ${leftOut.join(' ')}`);
  }
  const table = settings.table ? join(folder, tableName(name)) : null;
  if (table !== null) await replaceFile(table, tableOf(written.rows));
  const notices = written.reports.flatMap(({ notice, path }) =>
    notice === null ? [] : [`${path.slice(folder.length + 1)}: ${notice}`],
  );
  return { folder, files: written.reports.map(({ path }) => path), table, leftOut, notices };
}

type Written = { reports: ExportReport[]; rows: Row[] };

async function writeEach(
  request: LineExport,
  chosen: readonly ChosenLine[],
  names: readonly string[],
  leftOut: string[],
): Promise<Written> {
  const written: Written = { reports: [], rows: [] };
  const { folder, sound: settings, version } = request;
  for (const [i, each] of chosen.entries()) {
    const spoken = await read(request, each, leftOut);
    if (spoken === null) continue;
    const { take, sound } = spoken;
    const path = join(folder, names[i]);
    const report = await exportTake({ take, ...sound, settings, path, version, overwrite: true });
    written.reports.push(report);
    written.rows.push({ ...spoken, file: names[i], start: 0, seconds: report.seconds });
  }
  return written;
}

async function writeJoined(
  request: LineExport,
  chosen: readonly ChosenLine[],
  file: string,
  leftOut: string[],
): Promise<Written> {
  const { folder, sound: settings, version, name } = request;
  const parts: Float32Array[] = [];
  const rows: Row[] = [];
  let sampleRate = 0;
  let length = 0;
  for (const each of chosen) {
    const spoken = await read(request, each, leftOut);
    if (spoken === null) continue;
    sampleRate ||= spoken.sound.sampleRate;
    // Takes of another pack may have another rate; the first line's is the file's.
    const samples = await resample(spoken.sound.samples, spoken.sound.sampleRate, sampleRate);
    if (rows.length > 0) {
      const gap = new Float32Array(Math.round(request.settings.gapSeconds * sampleRate));
      parts.push(gap);
      length += gap.length;
    }
    const seconds = samples.length / sampleRate;
    rows.push({ ...spoken, file, start: length / sampleRate, seconds });
    parts.push(samples);
    length += samples.length;
  }
  if (rows.length === 0) return { reports: [], rows };
  const joined = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  const report = await exportSound(
    { samples: joined, sampleRate, settings, path: join(folder, file), overwrite: true },
    {
      tags: { INAM: name, ISFT: `Timbrel ${version}`.trim() },
      seed: rows[0].take.settings.seed,
      sidecarOf: (measured) => {
        const software = { name: 'Timbrel', version };
        const takes = rows.map(({ take, start }) => ({ start, take }));
        return `${JSON.stringify({ schema: 1, software, file, takes, export: settings, measured }, null, 2)}\n`;
      },
    },
  );
  return { reports: [report], rows };
}

/** Null, and said in `leftOut`, for a take without sound. */
async function read(
  { getTake, readSound }: LineExport,
  each: ChosenLine,
  leftOut: string[],
): Promise<Spoken | null> {
  try {
    const sound = await readSound(each.line.chosen);
    if (sound.samples.length > 0) return { ...each, take: getTake(each.line.chosen), sound };
    leftOut.push(`Line ${each.number}: its take has no sound.`);
  } catch (error) {
    leftOut.push(`Line ${each.number}: ${toFailure(error).message}`);
  }
  return null;
}

function chosenLines(lines: readonly Line[]): ChosenLine[] {
  return lines.flatMap((line, i) => {
    const { chosen } = line;
    return chosen === null ? [] : [{ number: i + 1, line: { ...line, chosen } }];
  });
}

const tableName = (project: string) => fileName(`${project} lines`, '.csv');

type Row = Spoken & { file: string; start: number; seconds: number };

/** A row a line that was written, in the columns that an import understands and more. */
function tableOf(rows: readonly Row[]): string {
  const records = rows.map(({ number, take, file, start, seconds }) => ({
    number,
    text: take.text,
    voice: take.settings.voice,
    seed: take.settings.seed,
    file,
    start: start.toFixed(3),
    seconds: seconds.toFixed(3),
    method: take.settings.method,
    theta: take.settings.theta,
    take: take.id,
    pack: take.pack.id,
  }));
  // With its mark, by which spreadsheets know UTF-8.
  return stringify(records, { header: true, bom: true, escape_formulas: true });
}
