import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError, toFailure } from '../../contract/failure';
import type {
  ListeningAnswer,
  ListeningRequest,
  ListeningResult,
  ListeningState,
  ListeningSummary,
  ListeningTrial,
} from '../../contract/listening';
import { Take } from '../../contract/take';
import { storageFailure } from '../audio/storage-failure';
import { makeFolder } from '../disk/make-folder';
import { takeId, timestamp } from '../takes/take-id';
import { itemSounds } from './item-sounds';
import { planTest } from './plan-test';
import { prepare, type TakeSource } from './preparation';
import { StoredTest } from './stored-test';

export type ListeningOptions = {
  now: () => Date;
  /** Uniform in [0, 1), for ids and the seeds of tests. */
  random: () => number;
  /** Called when a test came, went or got on. */
  onChanged: () => void;
};

type Preparation = { cancel: AbortController; over: Promise<void> };

/** The blind tests of a folder, a folder a test. Every failure is a `FailureError`. */
export class ListeningTests {
  readonly #tests = new Map<string, StoredTest>();
  readonly #preparing = new Map<string, Preparation>();
  /** Why a preparation stopped by itself. */
  readonly #problems = new Map<string, string>();
  /** A sentence for each test that could not be read; nothing of it was deleted. */
  readonly unreadable: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly source: TakeSource,
    private readonly options: ListeningOptions,
  ) {}

  static async open(
    folder: string,
    source: TakeSource,
    options: Partial<ListeningOptions> = {},
  ): Promise<ListeningTests> {
    const tests = new ListeningTests(folder, source, {
      now: () => new Date(),
      random: Math.random,
      onChanged: () => undefined,
      ...options,
    });
    for (const home of await homesIn(folder)) {
      try {
        const stored = await StoredTest.load(home);
        if (stored) tests.#tests.set(stored.test.id, stored);
      } catch (error) {
        tests.unreadable.push(toFailure(error).message);
      }
    }
    return tests;
  }

  /** Newest first. */
  list(): ListeningSummary[] {
    return [...this.#tests.values()]
      .map((stored) => this.#summary(stored))
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /** Fixes a test and begins to gather its takes. */
  async create(request: ListeningRequest): Promise<ListeningSummary> {
    const { now, random } = this.options;
    const createdAt = now();
    const known = new Map(this.source.list().map((take) => [take.id, take]));
    const test = planTest(
      request,
      {
        id: this.#newId(),
        createdAt: timestamp(createdAt),
        seed: Math.floor(random() * 2 ** 32),
      },
      (id) => {
        const take = known.get(id);
        if (!take)
          throw new FailureError('usage', `There is no take ${id}: it may have been removed.`);
        return take;
      },
    );
    const stored = await StoredTest.create(join(this.folder, test.id), test);
    try {
      for (const id of new Set(test.items.flatMap(({ takes }) => takes))) {
        if (id !== null) await stored.keepSound(id, await this.source.readWav(id));
      }
    } catch (error) {
      await rm(stored.home, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
    this.#tests.set(test.id, stored);
    if (stored.missing.length > 0) this.prepare(test.id);
    this.options.onChanged();
    return this.#summary(stored);
  }

  /** Goes on gathering what a test is missing. */
  prepare(id: string): void {
    const stored = this.get(id);
    if (this.#preparing.has(id) || stored.missing.length === 0) return;
    this.#problems.delete(id);
    const cancel = new AbortController();
    const over = prepare(stored, this.source, cancel.signal, this.options.onChanged)
      .catch((error) => {
        const { kind, message } = toFailure(error);
        if (kind !== 'cancelled') this.#problems.set(id, message);
      })
      .finally(() => {
        this.#preparing.delete(id);
        this.options.onChanged();
      });
    this.#preparing.set(id, { cancel, over });
    this.options.onChanged();
  }

  /** Resolves when nothing is gathered any more; what was, stays. */
  async cancelPreparation(id: string): Promise<void> {
    const preparation = this.#preparing.get(id);
    preparation?.cancel.abort();
    await preparation?.over;
  }

  /** The trial that is asked now. Throws a `usage` failure when there is none. */
  async trial(id: string): Promise<ListeningTrial> {
    const stored = this.get(id);
    const { kind, trials, items } = stored.test;
    const number = stored.answers.length;
    if (stored.missing.length > 0) throw new FailureError('usage', 'This test is not ready yet.');
    if (stored.isFinished)
      throw new FailureError('usage', 'Every trial of this test was answered.');
    const { item, order } = trials[number];
    const sounds = await itemSounds(stored, item);
    return {
      kind,
      number,
      trials: trials.length,
      text: items[item].text,
      sounds: order.map((stimulus) => sounds[stimulus]),
      reference: kind === 'mushra' ? sounds[0] : null,
    };
  }

  /** The answer is on the disk when this resolves. */
  async answer(
    id: string,
    number: number,
    answer: ListeningAnswer,
    plays: number[],
  ): Promise<ListeningSummary> {
    const stored = this.get(id);
    await stored.answer(number, answer, plays, this.options.now());
    this.options.onChanged();
    return this.#summary(stored);
  }

  /** Throws a `usage` failure until every trial is answered: scores are hidden until then. */
  async result(id: string): Promise<ListeningResult> {
    const stored = this.finished(id);
    // Statistics take a while to load, and most launches never ask for them.
    const { analyse } = await import('./analysis');
    return analyse(stored.test, stored.answers);
  }

  /** A test with all its answers, for reports. Throws as `result` does. */
  finished(id: string): StoredTest {
    const stored = this.get(id);
    if (!stored.isFinished) {
      throw new FailureError('usage', 'The result is hidden until every trial is answered.');
    }
    return stored;
  }

  async remove(id: string): Promise<void> {
    const stored = this.get(id);
    await this.cancelPreparation(id);
    try {
      await rm(stored.home, { recursive: true, force: true });
    } catch (error) {
      throw storageFailure(error, this.folder);
    }
    this.#tests.delete(id);
    this.options.onChanged();
  }

  get(id: string): StoredTest {
    const stored = this.#tests.get(id);
    if (!stored) throw new FailureError('usage', `There is no blind test ${id}.`);
    return stored;
  }

  #newId(): string {
    for (;;) {
      const id = takeId(this.options.now(), this.options.random);
      if (!this.#tests.has(id)) return id;
    }
  }

  #summary(stored: StoredTest): ListeningSummary {
    const { id, kind, createdAt, conditions, trials } = stored.test;
    return {
      id,
      kind,
      createdAt,
      conditions: conditions.map(({ name }) => name),
      trials: trials.length,
      state: this.#state(stored),
    };
  }

  #state(stored: StoredTest): ListeningState {
    const { test, answers, missing } = stored;
    if (missing.length > 0) {
      const takes = test.items.length * test.conditions.length;
      return {
        status: 'preparing',
        isRunning: this.#preparing.has(test.id),
        made: takes - missing.length,
        takes,
        problem: this.#problems.get(test.id) ?? null,
      };
    }
    return stored.isFinished
      ? { status: 'finished' }
      : { status: 'running', answered: answers.length };
  }
}

/** Folders named as tests. */
async function homesIn(folder: string): Promise<string[]> {
  try {
    await makeFolder(folder);
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && Take.shape.id.safeParse(entry.name).success)
      .map((entry) => join(folder, entry.name));
  } catch (error) {
    throw storageFailure(error, folder);
  }
}
