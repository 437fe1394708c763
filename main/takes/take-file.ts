import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Take } from '../../contract/take';
import { PRIVATE, replaceFile } from '../audio/durable-file';
import { errorCode } from '../audio/storage-failure';
import { takePath } from './take-folder';

/** A take and its `take.json`. Writes never overlap, and the newest state always wins. */
export class TakeFile {
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;

  constructor(
    /** The take's own folder. */
    private readonly home: string,
    public take: Take,
  ) {}

  /** Resolves when the present state, or a later one, is on the disk. */
  save(): Promise<void> {
    this.#queued ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#queued = null;
        // Whatever this refuses could not be read at the next start either.
        const text = JSON.stringify(Take.parse(this.take), null, 1);
        return replaceFile(takePath(this.home), text, PRIVATE);
      });
    this.#last = this.#queued;
    return this.#last;
  }

  /** Resolves when nothing is being written, whatever became of it. */
  async idle(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  /** Changes the take here and on the disk, or neither. */
  async edit(change: Partial<Take>): Promise<Take> {
    const before = this.take;
    this.take = { ...before, ...change };
    try {
      await this.save();
    } catch (error) {
      const changed = Object.keys(change) as (keyof Take)[];
      const undone = Object.fromEntries(changed.map((key) => [key, before[key]]));
      this.take = { ...this.take, ...undone };
      throw error;
    }
    return this.take;
  }
}

/** What was found where a `take.json` should be. */
export type FoundTake =
  | { kind: 'take'; take: Take }
  | { kind: 'missing' }
  /** Written by a later version, which will want it as it is. */
  | { kind: 'newer' }
  | { kind: 'damaged'; reason: string };

/** Reads the `take.json` in a take's own folder. Rejects when the system refuses to read it. */
export async function readTakeFile(home: string): Promise<FoundTake> {
  let text: string;
  try {
    text = await readFile(takePath(home), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'missing' };
    throw error;
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return { kind: 'damaged', reason: 'it is not JSON' };
  }
  const take = Take.safeParse(found);
  if (take.success) return { kind: 'take', take: take.data };
  if (Newer.safeParse(found).success) return { kind: 'newer' };
  const [issue] = take.error.issues;
  return { kind: 'damaged', reason: `${issue.path.join('.') || 'it'}: ${issue.message}` };
}

const Newer = z.object({ schema: z.number().gt(1) });
