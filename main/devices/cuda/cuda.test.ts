import { statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CudaState } from '../../../contract/cuda';
import { toFailure } from '../../../contract/failure';
import { bundle, mountsRefused, runWithMounts } from '../../takes/testing/scenario';
import { Cuda } from './cuda';
import { folderFor } from './folder';
import { PackageIndex } from './package-index';
import {
  EXAMPLES,
  type ExampleIndex,
  openExampleIndex,
  type Trick,
  WHEELS,
} from './testing/example-index';

const [FIRST, SECOND] = WHEELS;
const scripts: string[] = [];
let temporary: string;
let home: string;
let runtime: string;
let index: ExampleIndex;
let states: CudaState[];
let cuda: Cuda;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'timbrel-cuda-'));
  home = join(temporary, 'cache', 'cuda');
  runtime = join(temporary, 'libruntime.so.1');
  await writeFile(runtime, 'ONNX Runtime');
  index = await openExampleIndex();
  states = [];
  cuda = open();
});
afterEach(async () => {
  await index.close();
  await rm(temporary, { recursive: true, force: true });
});
afterAll(async () => {
  for (const path of scripts) await rm(path, { force: true });
});

/** As after a start of the app. */
const open = (address = index.address, wheels = WHEELS) =>
  new Cuda({
    home,
    wheels,
    runtime: async () => [runtime],
    openIndex: () => new PackageIndex(address),
    onState: (state) => states.push(state),
  });

const failureOf = (work: Promise<unknown>) => work.then(() => null, toFailure);

async function expectWhole(): Promise<void> {
  const folder = folderFor(WHEELS, home);
  const names = EXAMPLES.flatMap(({ libraries }) => Object.keys(libraries));
  expect((await readdir(folder)).sort()).toEqual([...names, 'libruntime.so.1'].sort());
  for (const { libraries } of EXAMPLES) {
    for (const [name, bytes] of Object.entries(libraries)) {
      expect(Buffer.compare(await readFile(join(folder, name)), bytes)).toBe(0);
    }
  }
  expect(await readFile(join(folder, 'libruntime.so.1'), 'utf8')).toBe('ONNX Runtime');
  expect(await readdir(home)).toHaveLength(1);
  expect(cuda.state.status).toBe('present');
}

async function expectAbsent(): Promise<void> {
  expect(cuda.state.status).toBe('absent');
  await expect(stat(folderFor(WHEELS, home))).rejects.toThrow('ENOENT');
}

const partOf = ({ file }: { file: string }) =>
  join(`${folderFor(WHEELS, home)}.partial`, `${file}.part`);

const asItIs: Trick = () => false;

/** Sends so many bytes of the second wheel, and ends the connection once they are on the disk. */
const cutAfter =
  (count: number): Trick =>
  (asked: IncomingMessage, reply: ServerResponse, bytes) => {
    const from = Number(asked.headers.range?.match(/\d+/)?.[0] ?? 0);
    const { length } = bytes;
    const range = { 'content-range': `bytes ${from}-${length - 1}/${length}` };
    reply.writeHead(from > 0 ? 206 : 200, { 'content-length': length - from, ...range });
    reply.write(bytes.subarray(from, from + count));
    const look = setInterval(() => {
      const there = statSync(partOf(SECOND), { throwIfNoEntry: false })?.size ?? 0;
      if (there < from + count) return;
      clearInterval(look);
      reply.destroy();
    }, 5);
    return true;
  };

const answer =
  (status: number, body: (bytes: Buffer) => Uint8Array = () => Buffer.alloc(0)): Trick =>
  (_, reply, bytes) => {
    const sent = body(bytes);
    reply.writeHead(status, { 'content-length': sent.length }).end(sent);
    return true;
  };

const flipped: Trick = answer(200, (bytes) => {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] ^= 1;
  return copy;
});

describe('the libraries for CUDA', () => {
  it('are fetched whole, once, with progress, and taken away again', async () => {
    expect(cuda.state).toEqual({
      status: 'absent',
      host: new URL(index.address).host,
      downloadBytes: FIRST.bytes + SECOND.bytes,
      installedBytes: 401_020,
      problem: null,
    });
    expect(await cuda.fetch()).toBe(folderFor(WHEELS, home));
    await expectWhole();
    expect(cuda.state).toEqual({
      status: 'present',
      installedBytes: 401_020,
      isOffered: false,
      problem: null,
    });
    const fractions = states.flatMap((state) =>
      state.status === 'fetching' ? [state.fraction] : [],
    );
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);

    await cuda.fetch();
    expect(index.asked).toEqual([FIRST.file, SECOND.file]);
    await cuda.remove();
    await expectAbsent();
    await expect(stat(home)).rejects.toThrow('ENOENT');
    await cuda.remove();
  });

  it('are found at indexes that answer with HTML', async () => {
    const html = await openExampleIndex('html');
    onTestFinished(html.close);
    cuda = open(html.address);
    await cuda.fetch();
    await expectWhole();
  });

  it('come over a line that is cut again and again, from where it was', async () => {
    index.tricks.push(asItIs, cutAfter(100_000), cutAfter(0), cutAfter(150_000));
    await cuda.fetch();
    await expectWhole();
    expect(index.asked).toEqual([
      FIRST.file,
      SECOND.file,
      `${SECOND.file} from 100000`,
      `${SECOND.file} from 100000`,
      `${SECOND.file} from 250000`,
    ]);
  });

  it('go on from where they were at the next start', async () => {
    index.tricks.push(asItIs, cutAfter(100_000), cutAfter(0), cutAfter(0), cutAfter(0));
    const { host } = new URL(index.address);
    expect(await failureOf(cuda.fetch())).toEqual({
      kind: 'runtime',
      message: `${host} cannot be reached, or the connection was lost: check the network and start again, and it goes on from where it was.`,
    });
    await expectAbsent();
    expect(cuda.state).toMatchObject({ problem: expect.stringContaining('cannot be reached') });
    index.asked.length = 0;
    cuda = open();
    await cuda.fetch();
    await expectWhole();
    expect(index.asked).toEqual([`${SECOND.file} from 100000`]);
  });

  it('begin anew where an index cannot send a part', async () => {
    const wholeAgain = answer(200, (bytes) => bytes);
    index.tricks.push(asItIs, cutAfter(100_000), wholeAgain);
    await cuda.fetch();
    await expectWhole();
    await cuda.remove();
    index.tricks.push(asItIs, cutAfter(100_000), answer(416));
    await cuda.fetch();
    await expectWhole();
    await cuda.remove();
    const elsewhere: Trick = (_, reply, bytes) => {
      reply.writeHead(206, { 'content-range': `bytes 7-9/${bytes.length}` }).end('abc');
      return true;
    };
    index.tricks.push(asItIs, cutAfter(100_000), elsewhere);
    await cuda.fetch();
    await expectWhole();
  });

  it.each<[string, Trick]>([
    ['with a flipped bit', flipped],
    ['that is shorter than it says', answer(200, (bytes) => bytes.subarray(0, 5000))],
    ['that is longer', answer(200, (bytes) => Buffer.concat([bytes, Buffer.from('x')]))],
    [
      'that never ends',
      (_, reply, bytes) => {
        reply.writeHead(200);
        reply.end(Buffer.concat([bytes, Buffer.alloc(10)]));
        return true;
      },
    ],
  ])('refuse a file %s, and keep nothing of it', async (_, trick) => {
    index.tricks.push(asItIs, trick);
    const { host } = new URL(index.address);
    expect(await failureOf(cuda.fetch())).toEqual({
      kind: 'runtime',
      message: `${SECOND.file} from ${host} is not the file that was expected, so nothing of it is used: try again later, or name another package index in PIP_INDEX_URL.`,
    });
    await expectAbsent();
    await expect(stat(partOf(SECOND))).rejects.toThrow('ENOENT');
    await cuda.fetch();
    await expectWhole();
  });

  it('refuse what was damaged on the disk between two tries', async () => {
    index.tricks.push(asItIs, cutAfter(100_000), cutAfter(0), cutAfter(0), cutAfter(0));
    await failureOf(cuda.fetch());
    const part = await readFile(partOf(SECOND));
    part[50] ^= 1;
    await writeFile(partOf(SECOND), part);
    expect(await failureOf(cuda.fetch())).toMatchObject({
      message: expect.stringContaining('is not the file that was expected'),
    });
    await expectAbsent();
    await writeFile(partOf(SECOND), Buffer.alloc(SECOND.bytes + 1));
    expect(await failureOf(cuda.fetch())).toMatchObject({ kind: 'runtime' });
    await cuda.fetch();
    await expectWhole();
  });

  it('say who refuses, and who has not got them', async () => {
    index.tricks.push(answer(403));
    const { host } = new URL(index.address);
    expect(await failureOf(cuda.fetch())).toEqual({
      kind: 'runtime',
      message: `${host} answers 403 for ${FIRST.file}: try again later, or name another package index in PIP_INDEX_URL.`,
    });
    const elsewhere = open(index.address.replace('/simple', '/nowhere'));
    expect(await failureOf(elsewhere.fetch())).toEqual({
      kind: 'runtime',
      message: `${host} does not have ${FIRST.file} (it answers 404): name another package index in PIP_INDEX_URL.`,
    });
    expect(await failureOf(open('pypi').fetch())).toEqual({
      kind: 'usage',
      message: 'PIP_INDEX_URL is not the address of a package index.',
    });
    const nowhere = new Cuda({ home, wheels: null });
    expect(nowhere.state).toEqual({ status: 'unsupported' });
    expect(await failureOf(nowhere.fetch())).toMatchObject({ kind: 'usage' });
  });

  it('tell the index the password in its address, and nobody else', async () => {
    const seen: (string | undefined)[] = [];
    index.tricks.push((asked) => {
      seen.push(asked.headers.authorization);
      return false;
    });
    const own = open(index.address.replace('://', '://user:p%40ss@'));
    expect(JSON.stringify(own.state)).not.toContain('ss@');
    await own.fetch();
    expect(seen).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
    const packages = new PackageIndex('http://user:secret@127.0.0.2:9/simple');
    await own.remove();
    index.tricks.push((asked) => {
      seen.push(asked.headers.authorization);
      return false;
    });
    await packages.get(new URL(`${index.address.replace('/simple', '')}/files/${FIRST.file}`), {});
    expect(seen.at(-1)).toBeUndefined();
  });

  it('end when they are cancelled, and keep what is there', async () => {
    index.tricks.push(asItIs, (_, reply, bytes) => {
      reply.writeHead(200, { 'content-length': bytes.length });
      reply.write(bytes.subarray(0, 200_000));
      const look = setInterval(() => {
        const { state } = cuda;
        if (state.status !== 'fetching' || state.fraction < 0.4) return;
        clearInterval(look);
        cuda.cancel();
      }, 5);
      return true;
    });
    const ended = failureOf(cuda.fetch());
    expect(await failureOf(cuda.fetch())).toMatchObject({ kind: 'usage' });
    expect(await failureOf(cuda.remove())).toMatchObject({ kind: 'usage' });
    expect(await ended).toEqual({
      kind: 'cancelled',
      message: 'Cancelled: the next time it goes on from what is there.',
    });
    await expectAbsent();
    expect(cuda.state).toMatchObject({ problem: null });
    const { size } = await stat(partOf(SECOND));
    expect(size).toBeGreaterThan(100_000);
    await cuda.fetch();
    await expectWhole();
    expect(index.asked.at(-1)).toBe(`${SECOND.file} from ${size}`);
  });

  it('are fetched by one at a time', async () => {
    const stop = new Promise<void>((resolve) => {
      index.tricks.push((_, reply, bytes) => {
        reply.writeHead(200, { 'content-length': bytes.length });
        resolve();
        return true;
      });
    });
    const ended = failureOf(cuda.fetch());
    await stop;
    expect(await failureOf(open().fetch())).toEqual({
      kind: 'usage',
      message: 'The libraries for CUDA are being fetched by another Timbrel: let it end first.',
    });
    cuda.cancel();
    expect(await ended).toMatchObject({ kind: 'cancelled' });
  });

  it('are made whole again, and take the place of other versions', async () => {
    await cuda.fetch();
    await mkdir(join(home, '1.29.0-abc'));
    await writeFile(join(home, '1.29.0-abc', 'libold.so'), 'old');
    await mkdir(join(home, 'other.going'));
    await rm(join(folderFor(WHEELS, home), 'libsecond.so'));
    await cuda.fetch();
    await expectWhole();
  });

  it('say how much room they need before they begin', async () => {
    const large = [{ ...FIRST, bytes: 1e15 }, SECOND];
    const large2 = open(index.address, large);
    expect(await failureOf(large2.fetch())).toEqual({
      kind: 'storage',
      message: expect.stringMatching(
        /^The libraries for CUDA need 10000000\d\d MB in .*\/cuda, and \d+ MB are free: make room there, then try again\.$/,
      ),
    });
    expect(index.asked).toEqual([]);
  });

  it('say that the disk is full, and go on once there is room', async (ctx) => {
    const refused = mountsRefused();
    if (refused) ctx.skip(refused);
    const script = await bundle('full-disk', join(import.meta.dirname, 'testing'));
    scripts.push(script);
    const disk = join(temporary, 'disk');
    await mkdir(disk);
    const result = await runWithMounts(script, disk, runtime);
    expect(result).toEqual({
      full: {
        kind: 'storage',
        message: `The disk that holds ${folderFor(WHEELS, join(disk, 'cuda'))}.partial is full: free some space there, then try again.`,
      },
      whileFull: 'absent',
      kept: true,
      afterwards: 'present',
      asked: [FIRST.file, SECOND.file, expect.stringMatching(`^${SECOND.file} from [1-9]\\d+$`)],
    });
  });
});
