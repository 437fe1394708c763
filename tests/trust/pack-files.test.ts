import { execFile, execFileSync } from 'node:child_process';
import {
  link,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forkChild } from '../../main/child';
import type { TrialCommand, TrialReport } from '../../main/inference/messages';
import { AdmittedPacks, admitPack } from '../../main/packs/admission';
import { loadPack } from '../../main/packs/pack';
import { VerifiedFiles } from '../../main/packs/verified-files';
import { ROOT } from '../app/launch';
import { record } from './figures';
import { victimPack, writePack } from './victim-pack';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'timbrel-pack-files-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Far more than a pack holds, of which the disk keeps nothing. */
const HUGE = 17 * 2 ** 30;

/** What is done to a whole pack in `folder`, beside which `other` lies. */
const ATTACKS: Record<string, (folder: string, other: string) => Promise<unknown>> = {
  'a FIFO for the manifest': (folder) => fifo(join(folder, 'pack.json')),
  'a link for the manifest': (folder, other) => linked(join(folder, 'pack.json'), other),
  'a link to a FIFO for the manifest': async (folder, other) => {
    await rm(other);
    execFileSync('mkfifo', [other]);
    await rm(join(folder, 'pack.json'));
    await symlink(other, join(folder, 'pack.json'));
  },
  'a second name of the manifest': (folder) =>
    link(join(folder, 'pack.json'), join(folder, 'again.json')),
  'a folder for the manifest': (folder) => emptied(join(folder, 'pack.json')),
  'a manifest of 17 GiB': (folder) => truncate(join(folder, 'pack.json'), HUGE),
  'no manifest': (folder) => rm(join(folder, 'pack.json')),
  'a FIFO for a graph': (folder) => fifo(join(folder, 'codec.onnx')),
  'a link for a graph': (folder, other) => linked(join(folder, 'codec.onnx'), other),
  'a second name of a graph': (folder) =>
    link(join(folder, 'codec.onnx'), join(folder, 'again.onnx')),
  'a folder for a graph': (folder) => emptied(join(folder, 'codec.onnx')),
  'a graph of 17 GiB': (folder) => truncate(join(folder, 'codec.onnx'), HUGE),
  'an altered byte': async (folder) => {
    const file = await open(join(folder, 'codec.onnx'), 'r+');
    await file.write(Buffer.of(1), 0, 1, 40);
    await file.close();
  },
  'a link for the folder of the samples': async (folder, other) => {
    await rename(join(folder, 'voices'), `${other}.voices`);
    await symlink(`${other}.voices`, join(folder, 'voices'));
  },
};

async function fifo(path: string): Promise<void> {
  await rm(path);
  execFileSync('mkfifo', [path]);
}

/** A link to the very content that belongs there. */
async function linked(path: string, other: string): Promise<void> {
  await writeFile(other, await readFile(path));
  await rm(path);
  await symlink(other, path);
}

async function emptied(path: string): Promise<void> {
  await rm(path);
  await mkdir(path);
}

function speak(folder: string): Promise<{ code: unknown; said: string; ms: number }> {
  const args = ['--pack', folder, '--text', 'Hello.', '--device', 'cpu'];
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  const started = performance.now();
  return new Promise((resolve) => {
    // Whoever waits for a FIFO waits for ever.
    const options = { env, timeout: 60_000 };
    execFile(
      process.execPath,
      [join(ROOT, 'out/main/speak.js'), ...args],
      options,
      (error, stdout, stderr) => {
        const ms = performance.now() - started;
        resolve({ code: error ? (error.code ?? error.signal) : 0, said: stdout + stderr, ms });
      },
    );
  });
}

it('reads nothing of a pack that is not a plain file of its own', async (ctx) => {
  if (process.platform === 'win32') ctx.skip('Windows has no FIFO, and links want rights there');
  const failures: string[] = [];
  let longest = 0;
  const pack = victimPack();
  const [voice] = pack.manifest.voices;
  // In a folder of its own, which may be a link too.
  const sample = pack.contents.get(voice.sample) as Uint8Array;
  pack.contents.delete(voice.sample);
  voice.sample = 'voices/voice.wav';
  pack.contents.set(voice.sample, sample);
  for (const [index, [name, attack]] of Object.entries(ATTACKS).entries()) {
    const folder = join(home, `pack-${index}`);
    const other = join(home, `other-${index}`);
    await mkdir(folder);
    await writePack(pack, folder);
    await writeFile(other, '');
    await attack(folder, other);
    const { code, said, ms } = await speak(folder);
    longest = Math.max(longest, ms);
    const isSentence = /^[^\n]{1,300}\n$/.test(said);
    if (code !== 3 || !isSentence) failures.push(`${name}: exit ${code}, ${said.slice(0, 400)}`);
  }
  const tried = Object.keys(ATTACKS).length;
  record(ctx, {
    threat:
      'links, FIFOs, folders, huge, altered and missing files of a pack: exit 3, one sentence',
    tried,
    survived: tried - failures.length,
    figure: `longest ${(longest / 1000).toFixed(1)} s`,
  });
  expect(failures).toEqual([]);
});

it('opens a pack of many files without opening them all at once', async (ctx) => {
  if (process.platform === 'win32') ctx.skip('Windows has no ulimit');
  const folder = join(home, 'pack-of-many');
  await mkdir(folder);
  const parts = Array.from({ length: 500 }, (_, i) => [`part-${i}`, Uint8Array.of(1)] as const);
  await writePack(victimPack(), folder, Object.fromEntries(parts));
  const args = [join(ROOT, 'out/main/speak.js'), '--pack', folder, '--text', 'Hello.'];
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  // Throws with what was said, unless it exits with 0.
  execFileSync('sh', ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, ...args], { env });
});

it('tries a pack once, and only asks what came of it when it is opened again', async (ctx) => {
  const folder = join(home, 'pack-again');
  await mkdir(folder);
  await writePack(victimPack(), folder);
  const verified = new VerifiedFiles(join(home, 'verified-files.json'));
  let trials = 0;
  const start = () => {
    trials++;
    return forkChild<TrialCommand, TrialReport>(join(ROOT, 'out/main/trial.js'));
  };
  const admission: number[] = [];
  for (let opening = 0; opening < 10; opening++) {
    const pack = await loadPack(folder, { verified });
    const began = performance.now();
    await admitPack(pack, { start, admitted: new AdmittedPacks(home) });
    admission.push(performance.now() - began);
  }
  const [first, ...again] = admission;
  const median = again.toSorted((a, b) => a - b)[again.length >> 1];
  record(ctx, {
    threat: 'open a pack that was tried before: no other trial',
    tried: again.length,
    survived: again.length - (trials - 1),
    figure: `trial ${(first / 1000).toFixed(1)} s, again median ${median.toFixed(1)} ms`,
  });
  expect(trials).toBe(1);
});
