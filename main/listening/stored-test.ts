import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../contract/failure';
import type { ListeningAnswer } from '../../contract/listening';
import { PRIVATE, replaceFile } from '../audio/durable-file';
import { errorCode, storageFailure } from '../audio/storage-failure';
import { readWav } from '../audio/wav';
import { makeFolder } from '../disk/make-folder';
import type { Sound } from '../takes/store';
import { timestamp } from '../takes/take-id';
import { GivenAnswer, type ListeningItem, ListeningTest } from './listening-test';

const testPath = (home: string) => join(home, 'test.json');
const answersPath = (home: string) => join(home, 'answers.json');
const soundPath = (home: string, take: string) => join(home, 'sounds', `${take}.wav`);

/** A blind test and its folder: the plan, the answers, and copies of the takes that it plays. */
export class StoredTest {
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly home: string,
    public test: ListeningTest,
    private given: readonly GivenAnswer[],
  ) {}

  /** The plan is on the disk when this resolves. */
  static async create(home: string, test: ListeningTest): Promise<StoredTest> {
    try {
      await makeFolder(join(home, 'sounds'));
    } catch (error) {
      throw storageFailure(error, home);
    }
    const stored = new StoredTest(home, test, []);
    await stored.save();
    return stored;
  }

  /** Null where nothing was planned yet. Throws a `storage` failure for what cannot be read. */
  static async load(home: string): Promise<StoredTest | null> {
    const test = await readJson(testPath(home), ListeningTest);
    if (test === null) return null;
    const answers = (await readJson(answersPath(home), z.array(GivenAnswer))) ?? [];
    if (
      answers.length > test.trials.length ||
      answers.some(({ answer }) => answer.kind !== test.kind)
    ) {
      throw damaged(answersPath(home), 'it holds answers to another test');
    }
    return new StoredTest(home, test, answers);
  }

  get answers(): readonly GivenAnswer[] {
    return this.given;
  }

  get isFinished(): boolean {
    return this.given.length === this.test.trials.length;
  }

  /** Places of takes that are not there yet. */
  get missing(): { item: number; condition: number }[] {
    return this.test.items.flatMap(({ takes }, item) =>
      takes.flatMap((take, condition) => (take === null ? [{ item, condition }] : [])),
    );
  }

  /** Keeps a copy of a take's sound, the bytes of its WAV file. */
  keepSound(take: string, wav: Uint8Array): Promise<void> {
    return this.next(async () => {
      await replaceFile(soundPath(this.home, take), wav, PRIVATE);
    });
  }

  /** Puts a take, whose sound is kept already, in its place. */
  async place(item: number, condition: number, take: string): Promise<void> {
    await this.next(async () => {
      const items = this.test.items.map(
        (each, i): ListeningItem =>
          i === item
            ? { ...each, takes: each.takes.map((old, c) => (c === condition ? take : old)) }
            : each,
      );
      const before = this.test;
      this.test = { ...before, items };
      await this.write().catch((error) => {
        this.test = before;
        throw error;
      });
    });
  }

  async readSound(take: string): Promise<Sound> {
    try {
      const { samples, sampleRate } = readWav(await readFile(soundPath(this.home, take)));
      return { samples, sampleRate };
    } catch (error) {
      throw storageFailure(error, this.home);
    }
  }

  /**
   * The answer to a trial is on the disk when this resolves. Only the next trial can be answered,
   * and an answer is never replaced: throws a `usage` failure for any other.
   */
  answer(number: number, answer: ListeningAnswer, plays: number[], at: Date): Promise<void> {
    return this.next(async () => {
      const { test, given } = this;
      if (this.missing.length > 0) {
        throw new FailureError('usage', 'Some takes of this test are still missing.');
      }
      if (number !== given.length || number >= test.trials.length) {
        throw new FailureError('usage', `Trial ${number + 1} is not the one that is asked now.`);
      }
      const { order } = test.trials[number];
      const fits = answer.kind !== 'mushra' || answer.ratings.length === order.length;
      if (answer.kind !== test.kind || !fits) {
        throw new FailureError('usage', 'That is no answer to this kind of test.');
      }
      const all = [...given, { answer, at: timestamp(at), plays }];
      await replaceFile(answersPath(this.home), JSON.stringify(all, null, 1), PRIVATE);
      this.given = all;
    });
  }

  private save(): Promise<void> {
    return this.next(() => this.write());
  }

  private write(): Promise<void> {
    const text = JSON.stringify(ListeningTest.parse(this.test), null, 1);
    return replaceFile(testPath(this.home), text, PRIVATE);
  }

  /** One step at a time, in the order in which they were asked for. */
  private next<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#last.catch(() => undefined).then(step);
    this.#last = done;
    return done;
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw storageFailure(error, path);
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw damaged(path, 'it is not JSON', error);
  }
  const parsed = schema.safeParse(found);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(path, `${issue.path.join('.') || 'it'}: ${issue.message}`);
}

function damaged(path: string, reason: string, cause?: unknown): FailureError {
  const message = `A blind test could not be read: ${path} is damaged (${reason}); nothing of it was deleted.`;
  return new FailureError('storage', message, { cause });
}
