import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, start } from '../takes/testing/scenario';
import { ProjectStore } from './store';

let folder: string;
let editing: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-project-crash-'));
  editing = await bundle('editing', join(import.meta.dirname, 'testing'));
});
afterAll(async () => {
  for (const path of [folder, editing]) await rm(path, { recursive: true, force: true });
});

it('a process killed while it saves leaves every state that it told of, at three moments', async () => {
  for (const edits of [1, 2, 40]) {
    const path = join(folder, `${edits}.timbrel`);
    await (await ProjectStore.create(path)).close();
    const told = await killAfter(path, edits);
    const store = await ProjectStore.open(path);
    expect(store.notice).toBeNull();
    expect(Number(store.project.pronunciations[0].as)).toBeGreaterThanOrEqual(told);
    await store.close();
  }
}, 60_000);

/** Kills the scenario once it told of so many edits; returns the last that it told of. */
async function killAfter(path: string, edits: number): Promise<number> {
  const child = start(editing, path);
  const exited = once(child, 'exit');
  let told = -1;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line === 'open') continue;
    told = Number(line);
    lines++;
    if (lines === edits) child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return told;
}
