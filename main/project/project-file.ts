import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../contract/failure';
import { LINES_AT_ONCE, Line, MAX_LINES, Project } from '../../contract/project';
import { oneSentence } from '../../contract/sentence';
import { errorCode, storageFailure } from '../audio/storage-failure';
import { readRegularFile } from '../disk/regular-file';
import { Slices } from './slices';
import { elementsFrom, startOfLines } from './split-lines';

export const PROJECT_EXTENSION = '.timbrel';

/** Beside a project: its state before the last save. */
export const backupPath = (path: string) => `${path}.bak`;

export const projectName = (path: string) => basename(path, extname(path));

/** Far more than a project of the most lines has. */
const MAX_BYTES = 2 ** 30;

/** Whether there is a project or the backup of one. */
export async function isThere(path: string): Promise<boolean> {
  for (const each of [path, backupPath(path)]) {
    try {
      await access(each);
      return true;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') return true;
    }
  }
  return false;
}

/** A project as the disk holds it: each line as JSON, by which thousands are sent and saved cheaply. */
export type StoredProject = {
  pronunciations: Project['pronunciations'];
  /** JSON of each line by its id, in order. */
  lines: Map<string, string>;
};

/** The bytes of a project's file, put together slice by slice. */
export async function encodeProject(
  pronunciations: Project['pronunciations'],
  lines: readonly string[],
): Promise<Buffer> {
  const slices = new Slices();
  const head = `{"schema":1,"pronunciations":${JSON.stringify(pronunciations)},"lines":[`;
  const parts = [Buffer.from(head)];
  for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
    const text = lines.slice(at, at + LINES_AT_ONCE).join();
    parts.push(Buffer.from(at === 0 ? text : `,${text}`));
    await slices.rest();
  }
  parts.push(Buffer.from(']}\n'));
  return Buffer.concat(parts);
}

/** A project that was read, the bytes that hold it, and what to say of it, as of a backup. */
export type ReadProject = { project: StoredProject; bytes: Buffer; notice: string | null };

/**
 * Reads a project, or its backup where the file is damaged or missing. Throws a `FailureError`:
 * `usage` for a file of a later version, `storage` when neither can be read.
 */
export async function readProject(path: string): Promise<ReadProject> {
  const found = await look(path);
  if (found.kind === 'project') return { ...found, notice: null };
  const name = basename(path);
  const damage =
    found.kind === 'missing' ? `${name} is missing` : `${name} is damaged (${found.reason})`;
  const backup = await look(backupPath(path));
  if (backup.kind === 'project') {
    const notice = `${damage}, so its backup was opened: the last edits before that may be lost.`;
    return { ...backup, notice: oneSentence(notice) };
  }
  const neither =
    backup.kind === 'missing' ? 'there is no backup of it' : 'its backup is damaged too';
  throw new FailureError(
    'storage',
    `${damage} and ${neither} in ${dirname(path)}: choose another project.`,
  );
}

type Found =
  | { kind: 'project'; project: StoredProject; bytes: Buffer }
  | { kind: 'missing' }
  | { kind: 'damaged'; reason: string };

async function look(path: string): Promise<Found> {
  let bytes: Buffer;
  try {
    bytes = await readRegularFile(path, MAX_BYTES);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'missing' };
    throw storageFailure(error, dirname(path));
  }
  try {
    return { kind: 'project', project: await decodeProject(bytes), bytes };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'damaged', reason: 'it is not JSON' };
    if (error instanceof LaterVersion) {
      throw new FailureError(
        'usage',
        `${basename(path)} was made by a later version of Timbrel: open it with that one.`,
      );
    }
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    return { kind: 'damaged', reason: `${issue.path.join('.') || 'it'}: ${issue.message}` };
  }
}

/**
 * Parses a project line by line and slice by slice, for all of a large one at once would keep main
 * away for a second. Throws a SyntaxError, a ZodError, or `LaterVersion`.
 */
async function decodeProject(json: Buffer): Promise<StoredProject> {
  const start = startOfLines(json);
  if (start === -1) return storedProject(parseRest(json.toString()));
  const slices = new Slices();
  const elements: unknown[] = [];
  let end = -1;
  for (const { from, to, isLast } of elementsFrom(json, start)) {
    const text = json.toString('utf8', from, to);
    if (isLast) end = to;
    // Nothing between the brackets is an array without elements, and no element.
    if (!isLast || elements.length > 0 || text.trim() !== '') elements.push(JSON.parse(text));
    await slices.rest();
  }
  if (end === -1) throw new SyntaxError('The lines have no end.');
  const rest = parseRest(json.toString('utf8', 0, start) + json.toString('utf8', end));
  // A second list of lines is the one that counts in JSON.
  if (rest.lines.length > 0) return storedProject(rest);
  if (elements.length > MAX_LINES) Project.shape.lines.parse(elements);
  const lines = new Map<string, string>();
  for (const [i, element] of elements.entries()) {
    const line = Line.safeParse(element);
    if (!line.success) {
      const [issue] = line.error.issues;
      throw new z.ZodError([{ ...issue, path: ['lines', i, ...issue.path] }]);
    }
    addLine(lines, line.data);
    await slices.rest();
  }
  return { pronunciations: rest.pronunciations, lines };
}

function parseRest(json: string): Project {
  const found: unknown = JSON.parse(json);
  const parsed = Project.safeParse(found);
  if (parsed.success) return parsed.data;
  if (Later.safeParse(found).success) throw new LaterVersion();
  throw parsed.error;
}

function storedProject({ pronunciations, lines }: Project): StoredProject {
  const stored = new Map<string, string>();
  for (const line of lines) addLine(stored, line);
  return { pronunciations, lines: stored };
}

/** A line that was copied by hand has its model's id, and gets one of its own. */
function addLine(lines: Map<string, string>, line: Line): void {
  const id = lines.has(line.id) ? randomUUID() : line.id;
  lines.set(id, JSON.stringify({ ...line, id }));
}

class LaterVersion extends Error {}

const Later = z.object({ schema: z.number().gt(1) });
