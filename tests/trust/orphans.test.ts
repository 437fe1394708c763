import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { seededUniform } from '../../main/decoding/random';
import { launch, newUserData, type } from '../app/launch';
import { count, record } from './figures';

const KILLS = count(5, 200);
/** Of so many kills one comes while the app starts with nothing known, so that devices are tried. */
const START_EVERY = 5;
/** The kill comes so long after Generate was pressed or the window was there, uniformly. */
const MOST_DELAY_MS = 1500;
/** What is still there then is an orphan. */
const DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 50;
const LONG = Array.from({ length: 12 }, () => 'These days a chicken leg is a rare dish.').join(' ');

/** A process that nothing else can be taken for: numbers are used again, with another start. */
type Process = { pid: number; start: string; parent: number; state: string };

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** See proc_pid_stat(5): the name, in brackets, may hold anything. */
async function processOf(pid: number): Promise<Process | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, state: fields[0], parent: Number(fields[1]), start: fields[19] };
}

async function all(): Promise<Process[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  return (await Promise.all(pids.map(processOf))).filter((process) => process !== null);
}

/** What was started by `root`, by what that started, and so on, and whatever has the mark in its environment. */
async function belongingTo(root: number, mark: string): Promise<Process[]> {
  const processes = await all();
  const family = new Set([root]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const marked = await Promise.all(
    processes.map(async ({ pid }) =>
      (await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')).includes(mark),
    ),
  );
  return processes.filter(({ pid }, i) => pid !== process.pid && (family.has(pid) || marked[i]));
}

/** Those that are what they were, zombies among them. */
async function stillThere(processes: readonly Process[]): Promise<Process[]> {
  const now = await Promise.all(processes.map(({ pid }) => processOf(pid)));
  return now.filter(
    (process, i) => process !== null && process.start === processes[i].start,
  ) as Process[];
}

type Kill = { processes: number; orphans: number; zombies: number; goneMs: number };

async function launchAndKill(userData: string, atStart: boolean, delayMs: number): Promise<Kill> {
  const mark = `TIMBREL_MARK_${randomUUID()}`;
  const cache = await mkdtemp(join(tmpdir(), 'timbrel-cache-'));
  const { XDG_CACHE_HOME } = process.env;
  process.env[mark] = '1';
  if (atStart) process.env.XDG_CACHE_HOME = cache;
  const app = await launch({ userData });
  delete process.env[mark];
  if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
  if (!atStart) {
    await app.ready();
    await type(app.page, LONG);
    await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
  }
  await setTimeout(delayMs);
  const main = app.electron.process();
  const closed = app.electron.waitForEvent('close');
  const seen = await belongingTo(main.pid as number, mark);
  const killed = performance.now();
  main.kill('SIGKILL');
  // What began between the look and the kill is found by its mark.
  const marked = await belongingTo(main.pid as number, mark);
  const known = new Map(
    [...seen, ...marked].map((process) => [`${process.pid} ${process.start}`, process]),
  );
  const processes = [...known.values()];
  let left = processes;
  for (;;) {
    left = await stillThere(left);
    const alive = left.filter(({ state }) => state !== 'Z' && state !== 'X');
    const goneMs = performance.now() - killed;
    if (alive.length > 0 && goneMs < DEADLINE_MS) {
      await setTimeout(LOOK_EVERY_MS);
      continue;
    }
    await closed;
    await rm(cache, { recursive: true, force: true });
    for (const { pid } of alive) process.kill(pid, 'SIGKILL');
    const zombies = left.length - alive.length;
    return { processes: processes.length, orphans: alive.length, zombies, goneMs };
  }
}

it('leaves no process behind when main is killed', async (ctx) => {
  if (process.platform !== 'linux') return ctx.skip('processes are told apart by /proc');
  const userData = await newUserData();
  cleanUp.push(() => rm(userData, { recursive: true, force: true }));
  const uniform = seededUniform(16);
  const kills: Kill[] = [];
  for (let i = 0; i < KILLS; i++) {
    kills.push(await launchAndKill(userData, i % START_EVERY === 0, uniform() * MOST_DELAY_MS));
  }
  const sum = (of: 'processes' | 'orphans' | 'zombies') =>
    kills.reduce((total, kill) => total + kill[of], 0);
  const gone = kills.map(({ goneMs }) => goneMs).toSorted((a, b) => a - b);
  record(ctx, {
    threat: 'main: SIGKILL while it starts or speaks, processes left behind',
    tried: KILLS,
    survived: kills.filter(({ orphans }) => orphans === 0).length,
    figure:
      `orphans ${sum('orphans')} of ${sum('processes')} processes (by number and start time); all gone after ` +
      `median ${(gone[gone.length >> 1] / 1000).toFixed(2)} s, longest ${(gone[gone.length - 1] / 1000).toFixed(2)} s; ` +
      `zombies that nobody had collected by then ${sum('zombies')}`,
  });
  // Main itself, its window and its engine at least.
  expect(kills.every(({ processes }) => processes > 3)).toBe(true);
  expect(sum('orphans')).toBe(0);
}, 3_600_000);
