import { readdir, readFile } from 'node:fs/promises';
import type { CDPSession } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { type App, launch, type } from '../app/launch';
import { count, record } from './figures';

const TAKES = count(24, 500);
/** Garbage is collected and memory is told after so many takes. The list is full by the first. */
const MARKS = [count(16, 50), count(20, 250), TAKES];
const MIB = 2 ** 20;
/** What a take may leave in the page's heap: what the list of takes knows of it. */
const MOST_HEAP_A_TAKE = 16 * 1024;
/** What comes and goes in the heap whatever is made, such as code that V8 compiles and drops. */
const HEAP_TO_SPARE = 2 * MIB;
/** What a page that has made takes may have beside a new one with the same list: the deck, and code in use. */
const MOST_BESIDE_LIST = 10 * MIB;
/** What is there for a moment, such as a tooltip; a row of the list has 54 nodes and 9 listeners. */
const NODES_TO_SPARE = 100;
const LISTENERS_TO_SPARE = 24;
const DESCRIPTORS_TO_SPARE = 8;

let app: App | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

type Memory = {
  takes: number;
  /** Bytes of the page's JavaScript, with what its objects hold outside the heap. */
  heap: number;
  nodes: number;
  documents: number;
  listeners: number;
  /** Bytes that the page's process alone has; null beside Linux. */
  process: number | null;
  descriptors: number | null;
};

async function ownBytes(pid: number): Promise<number | null> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => null);
  if (rollup === null) return null;
  const own = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)];
  return 1024 * own.reduce((sum, [, kilobytes]) => sum + Number(kilobytes), 0);
}

async function measure(debug: CDPSession, pid: number, takes: number): Promise<Memory> {
  // What a finalizer lets go of is garbage of the next collection.
  for (let i = 0; i < 3; i++) await debug.send('HeapProfiler.collectGarbage');
  const used = (await debug.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  const { nodes, documents, jsEventListeners } = await debug.send('Memory.getDOMCounters');
  return {
    takes,
    heap: used.usedSize + (used.backingStorageSize ?? 0),
    nodes,
    documents,
    listeners: jsEventListeners,
    process: await ownBytes(pid),
    descriptors: await readdir(`/proc/${pid}/fd`).then(
      ({ length }) => length,
      () => null,
    ),
  };
}

it('a page that has made many takes holds no more than one that has made few', async (ctx) => {
  app = await launch();
  await app.ready();
  const { page, electron } = app;
  const pid = await electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0].webContents.getOSProcessId(),
  );
  const debug = await page.context().newCDPSession(page);
  await page.getByRole('radio', { name: 'Plain' }).click({ force: true });
  // Long enough that no seed ends it at once.
  await type(page, 'Hello there.');
  const told: Memory[] = [];
  for (let take = 1; take <= TAKES; take++) {
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    // Begun, and then over. Read off the window: an answer to the debugger would stay in its memory.
    await page
      .getByRole('region', { name: 'Takes' })
      .getByText(String(take), { exact: true })
      .waitFor();
    await page.locator('[aria-label="Takes being made"]').waitFor({ state: 'detached' });
    if (MARKS.includes(take)) told.push(await measure(debug, pid, take));
  }
  const takes = await app.call('listTakes', undefined);
  const finished = takes.filter(({ status }) => status === 'finished').length;

  await page.reload();
  await app.ready();
  const anew = await measure(debug, pid, TAKES);

  const [first, last] = [told[0], told[told.length - 1]];
  const between = last.takes - first.takes;
  const heapATake = (last.heap - first.heap) / between;
  const grown = (what: 'nodes' | 'documents' | 'listeners') => last[what] - first[what];
  const inMiB = (of: 'heap' | 'process') =>
    told.map((memory) => ((memory[of] ?? Number.NaN) / MIB).toFixed(0)).join(' / ');
  const mostHeap = MOST_HEAP_A_TAKE * between + HEAP_TO_SPARE;
  const isFlat = last.heap - first.heap < mostHeap && grown('nodes') < NODES_TO_SPARE;
  record(ctx, {
    threat: 'memory: takes made in one window',
    tried: TAKES,
    survived: isFlat ? finished : 0,
    figure:
      `after ${MARKS.join(' / ')} takes and a forced collection: page ${inMiB('process')} MiB of its own, ` +
      `JavaScript ${inMiB('heap')} MiB (${(heapATake / 1024).toFixed(1)} KiB a take; ` +
      `${(anew.heap / MIB).toFixed(0)} MiB in a new page with the same takes), ` +
      `descriptors ${told.map(({ descriptors }) => descriptors).join(' / ')}, ` +
      `DOM nodes ${told.map(({ nodes }) => nodes).join(' / ')}`,
  });
  expect(finished).toBe(TAKES);
  expect(last.heap - first.heap).toBeLessThan(mostHeap);
  expect(last.heap - anew.heap).toBeLessThan(MOST_BESIDE_LIST);
  expect(grown('documents')).toBeLessThanOrEqual(0);
  // However many there are: rows out of sight are not laid out.
  expect(grown('nodes')).toBeLessThan(NODES_TO_SPARE);
  expect(grown('listeners')).toBeLessThan(LISTENERS_TO_SPARE);
  if (last.descriptors !== null && first.descriptors !== null) {
    expect(last.descriptors).toBeLessThanOrEqual(first.descriptors + DESCRIPTORS_TO_SPARE);
  }
}, 3_600_000);
