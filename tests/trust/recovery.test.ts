import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWav } from '../../main/audio/wav';
import { type App, launch, type } from '../app/launch';
import { count, IN_FULL, record } from './figures';

const LONG = Array.from({ length: 12 }, () => 'These days a chicken leg is a rare dish.').join(' ');
const DEATHS = count(1, 20);

let app: App;
beforeAll(async () => {
  app = await launch();
  await app.ready();
});
afterAll(() => app.close());

const newest = async () => (await app.call('listTakes', undefined))[0];

async function generate(text: string): Promise<void> {
  await type(app.page, text);
  // Waits until it may be pressed.
  await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
}

async function inferencePid(): Promise<number> {
  const pid = await app.electron.evaluate(
    ({ app }) => app.getAppMetrics().find(({ name }) => name === 'timbrel-inference')?.pid,
  );
  if (pid === undefined) throw new Error('There is no inference process.');
  return pid;
}

type Recovery = { ms: number; isWhole: boolean; wasAsked: boolean };

/** Ends the engine in the middle of a take, and makes the next one as soon as the window lets it. */
async function dieAndRecover(signal: NodeJS.Signals): Promise<Recovery> {
  await app.ready();
  const before = (await newest())?.id;
  await generate(LONG);
  await expect
    .poll(async () => {
      const take = await newest();
      return take?.id === before ? 0 : (take?.frames ?? 0);
    })
    .toBeGreaterThan(80);
  const dying = await newest();
  const pid = await inferencePid();
  const killed = performance.now();
  process.kill(pid, signal);
  // The sentence stands in the take's row.
  const row = app.page.locator(`[data-key="${dying.id}"]`);
  await row.getByText(/The engine stopped .*What was finished is kept\./).waitFor();
  const restart = app.page.getByRole('button', { name: 'Restart engine' });
  const { engine } = await app.call('getState', undefined);
  const wasAsked = engine.status === 'failed';
  if (wasAsked) await restart.click();
  await generate('Rice is good.');
  await expect
    .poll(async () => {
      const { id, status } = await newest();
      return id === dying.id ? 'generating' : status;
    })
    .toBe('finished');
  const ms = performance.now() - killed;
  const file = await readFile(join(app.userData, 'takes', dying.id, 'audio.wav'));
  const isWhole = file.readUInt32LE(4) + 8 === file.length && readWav(file).samples.length > 0;
  return { ms, isWhole, wasAsked };
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);

// In this order, so that under `npm test` the last one is the third death, after which the user is asked.
it.for([
  ['SIGKILL', 5000],
  ['SIGSEGV', 5000],
  ['SIGSTOP', 12_000],
] as const)(
  'an engine that gets %s in a take keeps its sound, and the next take is made',
  {
    timeout: 3_600_000,
  },
  async ([signal, limitMs], ctx) => {
    const recoveries: Recovery[] = [];
    for (let death = 0; death < DEATHS; death++) recoveries.push(await dieAndRecover(signal));
    const sorted = recoveries.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const inTime = recoveries.filter(({ ms }) => !IN_FULL || ms <= limitMs);
    record(ctx, {
      threat: `inference process: ${signal} in a take`,
      tried: DEATHS,
      survived: inTime.filter(({ isWhole }) => isWhole).length,
      figure:
        `signal → next take finished: median ${seconds(sorted[sorted.length >> 1])} s, longest ` +
        `${seconds(sorted[sorted.length - 1])} s (wanted: ≤ ${limitMs / 1000} s); ` +
        `restarted by hand ${recoveries.filter(({ wasAsked }) => wasAsked).length}`,
    });
    expect(recoveries.every(({ isWhole }) => isWhole)).toBe(true);
  },
);
