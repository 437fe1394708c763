import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ListeningAnswer, ListeningRequest } from '../../contract/listening';
import { decibels, rms } from '../audio/testing/tones';
import { ListeningTests } from './listening-tests';
import { exactAndPcg, exampleSource } from './testing/example-source';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-listening-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fromSentences = (change: Partial<ListeningRequest> = {}): ListeningRequest => ({
  kind: 'preference',
  trials: 10,
  source: { from: 'sentences', sentences: ['One.', 'Two.', 'Three.'], settings: exactAndPcg },
  ...change,
});

const none: ListeningAnswer = { kind: 'preference', choice: 'none' };

async function prepared(request = fromSentences(), examples = exampleSource()) {
  const tests = await ListeningTests.open(folder, examples.source);
  const { id } = await tests.create(request);
  await vi.waitFor(() => expect(tests.list()[0].state.status).toBe('running'), { timeout: 30_000 });
  return { tests, id, ...examples };
}

describe('a test from sentences', () => {
  it('generates a take of its own for each comparison and condition, with both seeds alike', async () => {
    const { takes, tests, id } = await prepared();
    expect(takes).toHaveLength(16);
    const { items } = tests.get(id).test;
    expect(new Set(items.map(({ seed }) => seed)).size).toBe(8);
    for (const { takes: ids, seed } of items) {
      const [a, b] = ids.map((take) => takes.find((each) => each.id === take));
      expect([a?.settings.method, b?.settings.method]).toEqual(['exact', 'pcg']);
      expect([a?.settings.seed, b?.settings.seed]).toEqual([seed, seed]);
    }
  });

  it('takes what is there already, each take once', async () => {
    const examples = exampleSource();
    const there = examples.add('Two.', { ...exactAndPcg[1], seed: 99 });
    const { takes, tests, id } = await prepared(fromSentences(), examples);
    expect(takes).toHaveLength(16);
    const used = tests.get(id).test.items.flatMap((item) => item.takes);
    expect(used.filter((take) => take === there.id)).toHaveLength(1);
  });

  it('stops with a sentence when a take fails, keeps the others, and goes on when asked', async () => {
    const { source, takes } = exampleSource(5);
    const tests = await ListeningTests.open(folder, source);
    const { id } = await tests.create(fromSentences());
    await vi.waitFor(
      () =>
        expect(tests.list()[0].state).toEqual({
          status: 'preparing',
          isRunning: false,
          made: 4,
          takes: 16,
          problem: 'The engine stopped.',
        }),
      { timeout: 30_000 },
    );
    await expect(tests.trial(id)).rejects.toThrow('not ready');
    tests.prepare(id);
    await vi.waitFor(() => expect(tests.list()[0].state.status).toBe('running'), {
      timeout: 30_000,
    });
    expect(takes).toHaveLength(16);
  });

  it('can be cancelled, and goes on after a restart', async () => {
    const { source } = exampleSource();
    const slow = { ...source };
    let release = () => {};
    slow.generate = async (text, settings, signal) => {
      if (source.list().length === 3) {
        await new Promise<void>((resolve) => {
          release = resolve;
          signal.addEventListener('abort', () => resolve());
        });
      }
      return source.generate(text, settings, signal);
    };
    const tests = await ListeningTests.open(folder, slow);
    const { id } = await tests.create(fromSentences());
    await vi.waitFor(() => expect(tests.list()[0].state).toMatchObject({ made: 3 }), {
      timeout: 30_000,
    });
    await tests.cancelPreparation(id);
    release();
    const stopped = { status: 'preparing', isRunning: false, made: 3, problem: null };
    expect(tests.list()[0].state).toMatchObject(stopped);
    const again = await ListeningTests.open(folder, source);
    expect(again.list()[0].state).toMatchObject(stopped);
    again.prepare(id);
    await vi.waitFor(() => expect(again.list()[0].state.status).toBe('running'), {
      timeout: 30_000,
    });
  });

  it('refuses two settings alike', async () => {
    const { source } = exampleSource();
    const tests = await ListeningTests.open(folder, source);
    const settings = [exactAndPcg[0], { ...exactAndPcg[0], seed: 1 }];
    await expect(
      tests.create(fromSentences({ source: { from: 'sentences', sentences: ['One.'], settings } })),
    ).rejects.toThrow('alike');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a test from takes', () => {
  it('is ready at once and outlives the takes', async () => {
    const { source, takes, add } = exampleSource();
    const rows = ['One.', 'Two.'].map((text) =>
      exactAndPcg.map((settings) => add(text, settings).id),
    );
    const tests = await ListeningTests.open(folder, source);
    const { id, state } = await tests.create(fromSentences({ source: { from: 'takes', rows } }));
    expect(state).toEqual({ status: 'running', answered: 0 });
    takes.length = 0;
    expect((await tests.trial(id)).sounds).toHaveLength(2);
  });

  it('refuses rows of different texts or settings', async () => {
    const { source, add } = exampleSource();
    const [exact, pcg] = exactAndPcg;
    const good = [add('One.', exact).id, add('One.', pcg).id];
    const tests = await ListeningTests.open(folder, source);
    const create = (row: string[]) =>
      tests.create(fromSentences({ source: { from: 'takes', rows: [good, row] } }));
    await expect(create([add('Two.', exact).id, add('One.', pcg).id])).rejects.toThrow('one text');
    await expect(create([add('Two.', pcg).id, add('Two.', pcg).id])).rejects.toThrow(
      'same settings',
    );
    await expect(create([good[0], good[0]])).rejects.toThrow('with itself');
  });
});

describe('a trial', () => {
  it('plays its sounds equally loud and names none of them', async () => {
    const { tests, id } = await prepared();
    const trial = await tests.trial(id);
    const [first, second] = trial.sounds.map(({ samples }) => decibels(rms(samples)));
    expect(Math.abs(first - second)).toBeLessThan(0.1);
    expect(JSON.stringify({ ...trial, sounds: [] })).not.toMatch(/exact|pcg/i);
  });

  it('of a MUSHRA-like test has an open reference, which is hidden among the sounds too', async () => {
    const { tests, id } = await prepared(fromSentences({ kind: 'mushra' }));
    const { sounds, reference } = await tests.trial(id);
    expect(sounds).toHaveLength(3);
    expect(sounds).toContainEqual(reference);
  });

  it('can be answered once, in its turn, and in the words of its kind', async () => {
    const { tests, id } = await prepared();
    await expect(tests.answer(id, 1, none, [1, 1])).rejects.toThrow('Trial 2');
    await expect(tests.answer(id, 0, { kind: 'cmos', score: 1 }, [1, 1])).rejects.toThrow('kind');
    const both = [tests.answer(id, 0, none, [1, 1]), tests.answer(id, 0, none, [2, 2])];
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(tests.get(id).answers.map(({ plays }) => plays)).toEqual([[1, 1]]);
  });
});

describe('answers', () => {
  it('are on the disk when they are given: another process goes on behind the last one', async () => {
    const { tests, id, source } = await prepared();
    for (let number = 0; number < 4; number++) await tests.answer(id, number, none, [1, 1]);
    const asked = await tests.trial(id);
    // The first process is never closed, as if it had been killed.
    const again = await ListeningTests.open(folder, source);
    expect(again.list()[0].state).toEqual({ status: 'running', answered: 4 });
    expect(await again.trial(id)).toEqual(asked);
    await again.answer(id, 4, none, [1, 1]);
    expect(again.get(id).answers).toHaveLength(5);
  });

  it('stay hidden until the last one', async () => {
    const { tests, id } = await prepared();
    for (let number = 0; number < 10; number++) {
      await expect(tests.result(id)).rejects.toThrow('hidden');
      await tests.answer(id, number, none, [1, 1]);
    }
    expect(tests.list()[0].state).toEqual({ status: 'finished' });
    expect((await tests.result(id)).counts).toContainEqual({ name: 'No preference', count: 8 });
    await expect(tests.trial(id)).rejects.toThrow('Every trial');
  });

  it('that are damaged are told and left as they are; other tests open', async () => {
    const { tests, id, source } = await prepared();
    await tests.create(fromSentences());
    await vi.waitFor(
      () => expect(tests.list().every(({ state }) => state.status === 'running')).toBe(true),
      { timeout: 30_000 },
    );
    const path = join(folder, id, 'answers.json');
    await writeFile(path, '[{');
    const again = await ListeningTests.open(folder, source);
    expect(again.list()).toHaveLength(1);
    expect(again.unreadable).toHaveLength(1);
    expect(again.unreadable[0]).toContain('answers.json');
    expect(await readFile(path, 'utf8')).toBe('[{');
  });
});

describe('removing a test', () => {
  it('takes its folder with it', async () => {
    const { tests, id } = await prepared();
    await tests.remove(id);
    expect(tests.list()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });
});
