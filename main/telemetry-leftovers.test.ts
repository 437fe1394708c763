import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeTelemetryLeftovers } from './telemetry-leftovers';

let home = '';
let queue: string;
let temporary: string;
beforeEach((ctx) => {
  ctx.skip(process.platform === 'win32', 'onnxruntime leaves nothing behind on Windows');
  home = mkdtempSync(join(tmpdir(), 'timbrel-leftovers-'));
  queue = join(home, 'cache/Microsoft/DeveloperTools/.onnxruntime');
  temporary = join(home, 'temporary');
  mkdirSync(queue, { recursive: true });
  mkdirSync(temporary);
});
afterEach(() => home && rmSync(home, { recursive: true, force: true }));

const OURS = '598b0a62-ce8d-4d76-b19e-b1b8bb102294';
const ANOTHER = '0b0f3c52-36a3-4c7c-9a4d-6f1f7c3f8f10';

/** An event as onnxruntime 1.30 queues it, as far as it is read here. */
const event = (id: string, graph?: string) =>
  `SessionCreationq\0AppSessionGuidi$${id}\0\x0fEventInfo.Level0\0${
    graph === undefined ? '' : `\x0dmodelFileNamei${String.fromCharCode(graph.length)}${graph}\0`
  }\x09sessionId0\0`;

function writeQueue(events: string[], wal: string[] = []): void {
  writeFileSync(join(queue, 'deviceid'), 'an id');
  writeFileSync(join(queue, 'onnxruntime.db'), `SQLite format 3\0${events.join('')}`, 'latin1');
  if (wal.length > 0) writeFileSync(join(queue, 'onnxruntime.db-wal'), wal.join(''), 'latin1');
}

const remove = () => removeTelemetryLeftovers(queue, temporary);

it('removes a queue that tells of our graphs alone, and the folders it leaves empty', async () => {
  writeQueue([event(OURS), event(OURS, 'codec_decoder.onnx')], [event(OURS, 'target.onnx')]);
  await remove();
  expect(readdirSync(home)).toContain('cache');
  expect(readdirSync(join(home, 'cache'))).toEqual([]);
});

it('keeps folders that hold something else', async () => {
  writeQueue([event(OURS, 'draft.onnx')]);
  writeFileSync(join(queue, '../other'), '');
  await remove();
  expect(readdirSync(join(queue, '..'))).toEqual(['other']);
});

it.each([
  ['tells of another program’s graph', [event(OURS, 'target.onnx'), event(ANOTHER, 'cat.onnx')]],
  [
    'tells of a graph of ours and of another in one process',
    [event(OURS, 'target.onnx'), event(OURS, 'a b.onnx')],
  ],
  ['tells of a process that opened nothing known', [event(OURS, 'target.onnx'), event(ANOTHER)]],
  ['tells of nothing', []],
])('keeps a queue that %s', async (_name, events) => {
  writeQueue(events);
  await remove();
  expect(readdirSync(queue).sort()).toEqual(['deviceid', 'onnxruntime.db']);
});

it('keeps a queue with an unknown file, a link, or behind a link', async () => {
  const whole = [event(OURS, 'target.onnx')];
  writeQueue(whole);
  writeFileSync(join(queue, 'notes.txt'), '');
  await remove();
  expect(readdirSync(queue)).toHaveLength(3);

  rmSync(join(queue, 'notes.txt'));
  const elsewhere = join(home, 'elsewhere');
  writeFileSync(elsewhere, '');
  symlinkSync(elsewhere, join(queue, 'deviceid.lock'));
  await remove();
  expect(readdirSync(queue)).toHaveLength(3);

  rmSync(join(queue, 'deviceid.lock'));
  symlinkSync(queue, join(home, 'link'));
  await removeTelemetryLeftovers(join(home, 'link'), temporary);
  expect(readdirSync(queue)).toHaveLength(2);
  expect(existsSync(elsewhere)).toBe(true);
});

it('removes empty logs of processes that are over, and no other file', async () => {
  // No process has a number beyond what systems give out.
  const over = 'mat-debug-999999999.log';
  const kept = {
    'mat-debug-999999998.log': 'something',
    [`mat-debug-${process.pid}.log`]: '',
    'mat-debug-0999999999.log': '',
    'mat-debug-999999999.log.txt': '',
    'other.log': '',
  };
  for (const [name, text] of Object.entries(kept)) writeFileSync(join(temporary, name), text);
  writeFileSync(join(temporary, over), '');
  symlinkSync(join(temporary, 'other.log'), join(temporary, 'mat-debug-999999997.log'));
  await remove();
  expect(readdirSync(temporary).sort()).toEqual(
    [...Object.keys(kept), 'mat-debug-999999997.log'].sort(),
  );
});

it('does nothing where there is nothing', async () => {
  await removeTelemetryLeftovers(join(home, 'missing'), join(home, 'missing too'));
});
