// `npm run bench:memory`: what short takes, made by the button, leave in the page's heap, by constructor.
// Heap snapshots are taken after a tenth of the takes, after half and after all of them, and the first
// is compared with the others: what there is more of, the largest first. `-- 100` makes so many takes
// in place of 500. How much memory all that takes is measured by `npm run trust -- page-memory`:
// snapshots themselves leave much in the process. Needs a display; without one it opens a virtual one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { build } from '../scripts/build.mjs';
import { ROOT, setUpWindow } from '../scripts/setup.mjs';
import { openVirtualDisplay } from '../scripts/virtual-display.mjs';

const MOST_LINES = 20;

const takes = Number(process.argv[2] ?? 500);
if (!Number.isInteger(takes) || takes < 10) {
  console.error('Say how many takes, as a whole number from 10 on: npm run bench:memory -- 500');
  process.exit(2);
}
const marks = [Math.round(takes / 10), Math.round(takes / 2), takes];

/** What a snapshot of V8 holds: count and bytes of the objects themselves, by constructor. */
function countByConstructor({ snapshot, nodes, strings }) {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, name, size, detached] = ['type', 'name', 'self_size', 'detachedness'].map((field) =>
    fields.indexOf(field),
  );
  const found = new Map();
  for (let i = 0; i < nodes.length; i += fields.length) {
    const kind = types[type][nodes[i + type]];
    // Strings and code have no constructor, and a name each of their own.
    const named = kind === 'object' || kind === 'native' ? strings[nodes[i + name]] : `(${kind})`;
    const isDetached = detached >= 0 && nodes[i + detached] === 2;
    const key = `${isDetached ? 'Detached ' : ''}${named.slice(0, 60)}`;
    const { count, bytes } = found.get(key) ?? { count: 0, bytes: 0 };
    found.set(key, { count: count + 1, bytes: bytes + nodes[i + size] });
  }
  return found;
}

/** Sorted lines, with what each of the takes in between left of it. */
function whatGrew(before, after, between) {
  const grown = [...after].map(([name, { count, bytes }]) => {
    const old = before.get(name) ?? { count: 0, bytes: 0 };
    return { name, count: count - old.count, bytes: bytes - old.bytes };
  });
  const all = grown.reduce((sum, { bytes }) => sum + bytes, 0);
  const line = ({ name, count, bytes }) =>
    `${name}: ${count} more, ${(bytes / 1024).toFixed(1)} KiB, ${(bytes / between).toFixed(0)} bytes a take`;
  return [
    `all: ${(all / 1024).toFixed(1)} KiB, ${(all / between).toFixed(0)} bytes a take`,
    ...grown
      .filter(({ bytes }) => bytes > 0)
      .toSorted((a, b) => b.bytes - a.bytes)
      .slice(0, MOST_LINES)
      .map(line),
  ];
}

await setUpWindow({ xvfb: true });
await build();
const display = await openVirtualDisplay();
if (display) process.env.DISPLAY = display.name;
const userData = await mkdtemp(join(tmpdir(), 'timbrel-memory-'));
const electron = join(ROOT, 'node_modules/electron');
const app = await _electron.launch({
  executablePath: join(electron, 'dist', await readFile(join(electron, 'path.txt'), 'utf8')),
  args: [
    ROOT,
    `--user-data-dir=${userData}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
});
try {
  const page = await app.firstWindow();
  await page.getByRole('button', { name: /^Runs on/ }).waitFor({ timeout: 60_000 });
  const debug = await page.context().newCDPSession(page);
  const snapshot = async () => {
    const parts = [];
    const keep = ({ chunk }) => parts.push(chunk);
    debug.on('HeapProfiler.addHeapSnapshotChunk', keep);
    // It collects garbage first.
    await debug.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    debug.off('HeapProfiler.addHeapSnapshotChunk', keep);
    return countByConstructor(JSON.parse(parts.join('')));
  };
  await page.getByRole('radio', { name: 'Plain' }).click({ force: true });
  await page.getByRole('textbox', { name: 'Script text' }).fill('Hi.');
  const list = page.getByRole('region', { name: 'Takes' });
  let first;
  for (let take = 1; take <= takes; take++) {
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    await list.getByText(take.toLocaleString('en'), { exact: true }).waitFor();
    await page.locator('[aria-label="Takes being made"]').waitFor({ state: 'detached' });
    if (!marks.includes(take)) continue;
    const heap = await snapshot();
    if (first) {
      console.log(`After ${take} takes there is, beside what there was after ${marks[0]}:`);
      console.log(whatGrew(first, heap, take - marks[0]).join('\n'));
    }
    first ??= heap;
  }
} finally {
  await app.close();
  display?.close();
  await rm(userData, { recursive: true, force: true });
}
process.exit();
