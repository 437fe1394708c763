import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where onnxruntime queues telemetry, under the folder that the platform has for it. */
const QUEUE = join('Microsoft', 'DeveloperTools', '.onnxruntime');
const DATABASE = 'onnxruntime.db';
const QUEUE_FILES = new Set([
  DATABASE,
  `${DATABASE}-wal`,
  `${DATABASE}-shm`,
  `${DATABASE}-journal`,
  `${DATABASE}.ses`,
  'deviceid',
  'deviceid.lock',
]);

/** The library keeps its queue to 3 MB; what is much larger is something else. */
const LARGEST_QUEUE = 16 * 2 ** 20;

/** Graphs of the packs that earlier versions came with. Other programs' graphs have other names. */
const OUR_GRAPHS = new Set(['target.onnx', 'draft.onnx', 'codec_decoder.onnx']);

const LOG_NAME = /^mat-debug-([1-9]\d{0,9})\.log$/;

/** In an event, the process that used onnxruntime; behind it, in some, the file of a graph that it opened. */
const TOLD = /AppSessionGuidi\$([0-9a-f-]{36})|modelFileNamei.([^\0]*)\0/gs;

/** Null on Windows, where onnxruntime has no queue. */
function queueFolder(): string | null {
  if (process.platform === 'win32') return null;
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support', QUEUE);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), QUEUE);
}

/**
 * Removes what earlier versions let onnxruntime leave behind: its queue of telemetry, and an empty log
 * for each process. Leaves alone whatever may be another program's. What cannot be removed stays.
 */
export async function removeTelemetryLeftovers(
  queue: string | null = queueFolder(),
  temporary = tmpdir(),
): Promise<void> {
  if (process.platform === 'win32') return;
  await Promise.allSettled([
    ...(queue === null ? [] : [removeQueue(queue)]),
    removeLogs(temporary),
  ]);
}

const isOwn = (found: Stats) => found.uid === process.getuid?.();
const isOwnFile = (found: Stats) => found.isFile() && isOwn(found) && found.nlink === 1;

/**
 * Every program of the account that uses onnxruntime shares the queue. It is ours only where each
 * process that its events tell of is known to have opened one of our graphs and no other's. A queue that
 * tells of no process may be anybody's. Links are not followed, and a file that is none of the queue's
 * keeps all of them.
 */
async function removeQueue(folder: string): Promise<void> {
  const place = await lstat(folder);
  if (!place.isDirectory() || !isOwn(place)) return;
  const names = await readdir(folder);
  const texts: string[] = [];
  for (const name of names) {
    const found = await lstat(join(folder, name));
    if (!QUEUE_FILES.has(name) || !isOwnFile(found) || found.size > LARGEST_QUEUE) return;
    if (name.startsWith(DATABASE)) texts.push(await readFile(join(folder, name), 'latin1'));
  }
  if (!tellsOfUsAlone(texts.join('\n'))) return;
  for (const name of names) await rm(join(folder, name));
  // Folders that hold something else stay: `rmdir` takes empty ones only.
  await rmdir(folder);
  await rmdir(dirname(folder));
  await rmdir(dirname(dirname(folder)));
}

/** Read as text, so that events that were sent already, and lie in free pages, are seen as well. */
function tellsOfUsAlone(text: string): boolean {
  const processes = new Set<string>();
  const ours = new Set<string>();
  let last: string | undefined;
  for (const [, id, graph] of text.matchAll(TOLD)) {
    if (id !== undefined) {
      last = id;
      processes.add(id);
    } else if (last === undefined || !OUR_GRAPHS.has(graph)) return false;
    else ours.add(last);
  }
  return processes.size > 0 && ours.size === processes.size;
}

/**
 * An empty log says nothing of who left it. One that this user owns, whose process is over, is of no use
 * to anyone, so nothing is lost where it was another program's.
 */
async function removeLogs(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const pid = LOG_NAME.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const file = join(temporary, name);
    const found = await lstat(file).catch(() => null);
    if (found && isOwnFile(found) && found.size === 0) await rm(file).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
