import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, start } from '../takes/testing/scenario';
import { ListeningTests } from './listening-tests';
import { exampleSource } from './testing/example-source';

let temporary: string;
let script: string;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'timbrel-listening-crash-'));
  script = await bundle('answering', join(import.meta.dirname, 'testing'));
});
afterAll(async () => {
  for (const path of [temporary, script]) await rm(path, { recursive: true, force: true });
});

it('a test whose process is killed has every answer that was kept, at six moments', async () => {
  for (const answers of [1, 2, 5, 17, 60, 150]) {
    const folder = join(temporary, `killed-${answers}`);
    const child = start(script, folder);
    const exited = once(child, 'exit');
    let kept = 0;
    for await (const line of createInterface({ input: child.stdout! })) {
      kept = Number(line) + 1;
      if (kept === answers) child.kill('SIGKILL');
    }
    const [, signal] = await exited;
    expect(signal).toBe('SIGKILL');

    const tests = await ListeningTests.open(folder, exampleSource().source);
    expect(tests.unreadable).toEqual([]);
    const [{ id, state }] = tests.list();
    const given = tests.get(id).answers;
    expect(state).toEqual({ status: 'running', answered: given.length });
    // The last one may be on the disk before it could be told.
    expect(given.length - kept).toBeOneOf([0, 1]);
    expect(given.map(({ answer }) => answer)).toEqual(
      given.map((_, trial) => ({ kind: 'cmos', score: (trial % 7) - 3 })),
    );
    expect((await tests.trial(id)).number).toBe(given.length);
  }
});
