import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { Child } from '../child';
import type { CopyCommand, CopyReport, EnginePack } from '../inference/messages';
import { MappedCopies } from './mapped-copies';

let parent: string;
let folder: string;
let cache: string;
let started: number;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'timbrel-copies-'));
  folder = join(parent, 'pack');
  cache = join(parent, 'cache');
  started = 0;
  return () => rm(parent, { recursive: true });
});

const GRAPHS = ['target.onnx', 'draft.onnx', 'codec.onnx'];

const pack = () => {
  const [target, draft, codecDecoder] = GRAPHS.map((name) => ({ file: join(folder, name) }));
  return { target, draft, codecDecoder } as EnginePack;
};

const copies = (sha256 = 'one', besidePack = true) =>
  new MappedCopies({ folder, sha256 }, cache, besidePack);

/** Stands in for the process: writes two files a graph, and reports. */
function copier(failure: CopyReport['failure'] = null): Child<CopyCommand, CopyReport> {
  started++;
  let hear: (report: CopyReport) => void = () => undefined;
  return {
    pid: undefined,
    post: async ({ graphs, folder }) => {
      for (const { file } of [graphs.target, graphs.draft, graphs.codecDecoder]) {
        await writeFile(join(folder, basename(file)), 'a graph');
        await writeFile(join(folder, `${basename(file)}.weights`), 'its weights');
      }
      hear({ failure });
    },
    onMessage: (listener) => {
      hear = listener;
    },
    onClose: () => undefined,
    close: () => undefined,
    kill: () => undefined,
  };
}

/** Where the copies that are found lie, or null. */
async function place(sha256?: string): Promise<string | null> {
  const { target, draft, codecDecoder } = await copies(sha256).find(pack());
  const found = [target, draft, codecDecoder].map(({ mapped }) => mapped);
  if (found.every((path) => path === undefined)) return null;
  const [at] = found.map((path) => dirname(path as string));
  expect(found).toEqual(GRAPHS.map((name) => join(at, name)));
  return at;
}

it('makes copies beside the pack once, and finds them at the next launch', async () => {
  expect(await place()).toBeNull();
  expect(await copies().make(pack(), copier)).toBeNull();
  expect(dirname((await place()) as string)).toBe(`${folder}.mapped`);
  expect(await copies().make(pack(), copier)).toBeNull();
  expect(started).toBe(1);
});

it('makes them anew for another pack in that folder, and removes the old', async () => {
  await copies().make(pack(), copier);
  expect(await place('another')).toBeNull();
  await copies('another').make(pack(), copier);
  expect(await readdir(`${folder}.mapped`)).toEqual([basename((await place('another')) as string)]);
  expect(await place()).toBeNull();
});

it.each<[string, (path: string) => Promise<void>]>([
  ['was written to', (path) => appendFile(path, '!')],
  ['has another time of writing', (path) => utimes(path, 1, 1)],
  ['is gone', (path) => rm(path)],
])('ignores copies of which a graph %s, and makes them again', async (_what, damage) => {
  await copies().make(pack(), copier);
  const made = (await place()) as string;
  await damage(join(made, 'draft.onnx'));
  expect(await place()).toBeNull();
  await copies().make(pack(), copier);
  expect(started).toBe(2);
  expect(await place()).toBe(made);
});

it('ignores copies that somebody else put there', async () => {
  await copies().make(pack(), copier);
  const made = (await place()) as string;
  await rm(join(cache, 'mapped-copies.json'));
  expect(await place()).toBeNull();
  await writeFile(join(cache, 'mapped-copies.json'), '{"damaged":');
  expect(await place()).toBeNull();
  await copies().make(pack(), copier);
  expect(await place()).toBe(made);
});

it('keeps them in the user’s cache where the pack’s folder cannot be written', async () => {
  // A file in the way, for permissions do not stop the superuser.
  await writeFile(`${folder}.mapped`, '');
  await copies().make(pack(), copier);
  expect((await place())?.startsWith(join(cache, 'mapped'))).toBe(true);
});

it('makes no copies of graphs that would be written over each other', async () => {
  const alike = pack();
  alike.target.file = join(folder, 'a/model.onnx');
  alike.draft.file = join(folder, 'b/Model.onnx');
  expect(await copies().make(alike, copier)).toBeNull();
  expect(started).toBe(0);
  expect(await copies().find(alike)).toEqual(alike);
});

it('touches nothing that a link beside the pack leads to', async () => {
  const precious = join(parent, 'precious');
  await mkdir(join(precious, 'letters'), { recursive: true });
  await writeFile(join(precious, 'letters/first.txt'), 'Dear reader');
  await symlink(precious, `${folder}.mapped`);
  expect(await copies().make(pack(), copier)).toBeNull();
  expect((await place())?.startsWith(join(cache, 'mapped'))).toBe(true);
  expect(await readdir(precious, { recursive: true })).toEqual(['letters', 'letters/first.txt']);
});

it('removes nothing but copies from the folder where they lie', async () => {
  await mkdir(`${folder}.mapped/letters`, { recursive: true });
  await mkdir(`${folder}.mapped/part-Ab12Cd`);
  await copies().make(pack(), copier);
  const made = basename((await place()) as string);
  expect((await readdir(`${folder}.mapped`)).toSorted()).toEqual([made, 'letters'].toSorted());
});

it('keeps them in the user’s cache for a pack that belongs to the installed program', async () => {
  await copies('one', false).make(pack(), copier);
  expect(await readdir(parent)).toEqual(['cache']);
  expect(await place()).not.toBeNull();
});

it('says in a sentence why there are none, and leaves nothing behind', async () => {
  const refused = () => copier({ kind: 'runtime', message: 'No space is left.' });
  expect(await copies().make(pack(), refused)).toBe(
    'The pack’s graphs could not be prepared: No space is left.',
  );
  expect(await readdir(`${folder}.mapped`)).toEqual([]);
  await rm(`${folder}.mapped`, { recursive: true });
  await writeFile(`${folder}.mapped`, '');
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, 'mapped'), '');
  expect(await copies().make(pack(), copier)).toMatch(/neither its folder nor the cache can/);
});
