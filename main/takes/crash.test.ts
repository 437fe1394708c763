import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../audio/wav';
import { openTakes } from './store';
import { wavPath } from './take-folder';
import { rampSample, SAMPLES_PER_FRAME } from './testing/examples';
import { bundle, mountsRefused, runWithMounts, start } from './testing/scenario';

let temporary: string;
const scripts: string[] = [];
const script = async (name: string) => {
  const path = await bundle(name);
  scripts.push(path);
  return path;
};

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'timbrel-crash-'));
});
afterAll(async () => {
  for (const path of [temporary, ...scripts]) await rm(path, { recursive: true, force: true });
});

describe('a process killed while it generates', () => {
  it('leaves a readable file that lacks at most the last append, at eight moments', async () => {
    const growing = await script('growing');
    for (const appends of [1, 2, 3, 10, 33, 64, 150, 301]) {
      const folder = join(temporary, `killed-${appends}`);
      const reported = await killAfter(growing, folder, appends);

      const [id] = await readdir(folder);
      const unrepaired = readWav(await readFile(wavPath(join(folder, id)))).samples;
      expect(unrepaired.length).toBeGreaterThanOrEqual(reported);

      const store = await openTakes(folder);
      const [take, ...others] = store.list();
      expect(others).toEqual([]);
      expect(store.setAside).toEqual([]);
      expect(take.status).toBe('interrupted');
      expect(take.problem).toContain('the sound made until then is kept');

      const { samples } = await store.readSound(id);
      expect(samples.length).toBeGreaterThanOrEqual(reported);
      expect(samples.every((sample, i) => sample === rampSample(i))).toBe(true);
      expect(take.frames).toBe(Math.floor(samples.length / SAMPLES_PER_FRAME));

      const rounds = await store.readRounds(id);
      expect(rounds.length).toBeGreaterThanOrEqual(appends);
      expect(take.counters).toMatchObject({
        rounds: rounds.length,
        drafted: 3 * rounds.length,
        accepted: 2 * rounds.length,
        rejected: rounds.length,
        recovered: rounds.length,
        committed: 3 * rounds.length,
        targetCalls: rounds.length,
      });
    }
  });
});

describe('a disk that', () => {
  it('is full: says so, keeps what was written, and goes on once there is room', async (ctx) => {
    const refused = mountsRefused();
    if (refused) ctx.skip(refused);
    const disk = await mkdtemp(join(temporary, 'full-'));
    const result = (await runWithMounts(await script('full-disk'), disk)) as Record<string, never>;

    const full = {
      kind: 'storage',
      message: expect.stringMatching(/^The disk that holds .* is full: free some space/),
    };
    expect(result.appended).toEqual(full);
    expect(result.repeated).toEqual(result.appended);
    expect(result.ended).toMatchObject({
      status: 'failed',
      frames: result.written / SAMPLES_PER_FRAME,
    });
    expect(result.written).toBeGreaterThan(300_000);
    expect(result.heardWhileFull).toBe(result.written);
    expect(result.exported).toEqual(full);
    expect(result.olderFile).toBe('an older file');
    expect(result.begun).toEqual(full);
    expect(result.listed).toBe(1);
    expect(result.litter).toEqual([]);
    expect(result.nextTake).toMatchObject({ status: 'finished', frames: 1, problem: null });
    expect(result.keptWhole).toBe(true);
    expect(result.reopened).toHaveLength(2);
  });

  it('is read-only: lets takes be heard and says why nothing can be changed', async (ctx) => {
    const refused = mountsRefused();
    if (refused) ctx.skip(refused);
    const disk = await mkdtemp(join(temporary, 'read-only-'));
    const result = (await runWithMounts(await script('read-only'), disk)) as Record<string, never>;

    const refusal = {
      kind: 'storage',
      message: expect.stringContaining(`Timbrel is not allowed to write in ${disk}/frozen`),
    };
    expect(result.statuses).toEqual({ Finished: 'finished', 'Cut off': 'interrupted' });
    expect(result.setAside).toEqual([]);
    expect(result.heard).toBe(2 * SAMPLES_PER_FRAME);
    expect(result.begun).toEqual(refusal);
    expect(result.renamed).toEqual(refusal);
    expect(result.nameAfter).toBe('Finished');
    expect(result.removed).toEqual(refusal);
    expect(result.listedAfter).toBe(2);
    expect(result.exported).toEqual(refusal);
  });
});

/** Kills the scenario once it told of so many appends; returns the samples it then had told of. */
async function killAfter(growing: string, folder: string, appends: number): Promise<number> {
  const child = start(growing, folder);
  const exited = once(child, 'exit');
  let told = 0;
  let reported = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    told++;
    reported = Number(line);
    if (told === appends) child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return reported;
}
