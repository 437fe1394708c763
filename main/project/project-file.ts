import { access, readFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../contract/failure';
import { Project } from '../../contract/project';
import { errorCode, storageFailure } from '../audio/storage-failure';

export const PROJECT_EXTENSION = '.timbrel';

/** Beside a project: its state before the last save. */
export const backupPath = (path: string) => `${path}.bak`;

export const projectName = (path: string) => basename(path, extname(path));

export const EMPTY_PROJECT: Project = { schema: 1, pronunciations: [], lines: [] };

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

/** Throws a ZodError for what could not be read again. */
export function encodeProject(project: Project): string {
  return `${JSON.stringify(Project.parse(project))}\n`;
}

/** A project that was read, its text, and whether that is its backup's. */
export type ReadProject = { project: Project; text: string; notice: string | null };

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
    return { ...backup, notice };
  }
  const neither =
    backup.kind === 'missing' ? 'there is no backup of it' : 'its backup is damaged too';
  throw new FailureError(
    'storage',
    `${damage} and ${neither} in ${dirname(path)}: choose another project.`,
  );
}

type Found =
  | { kind: 'project'; project: Project; text: string }
  | { kind: 'missing' }
  | { kind: 'damaged'; reason: string };

async function look(path: string): Promise<Found> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'missing' };
    throw storageFailure(error, dirname(path));
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'damaged', reason: 'it is not JSON' };
  }
  const parsed = Project.safeParse(json);
  if (parsed.success) return { kind: 'project', project: parsed.data, text };
  if (Later.safeParse(json).success) {
    throw new FailureError(
      'usage',
      `${basename(path)} was made by a later version of Timbrel: open it with that one.`,
    );
  }
  const [issue] = parsed.error.issues;
  return { kind: 'damaged', reason: `${issue.path.join('.') || 'it'}: ${issue.message}` };
}

const Later = z.object({ schema: z.number().gt(1) });
