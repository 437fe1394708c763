import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Conf from 'conf';
import { toFailure } from '../../../contract/failure';
import { exportTake } from '../../../main/audio/export';
import { Verdicts } from '../../../main/devices/verdicts';
import { ListeningTests } from '../../../main/listening/listening-tests';
import { exactAndPcg, exampleSource } from '../../../main/listening/testing/example-source';
import { VerifiedFiles } from '../../../main/packs/verified-files';
import { exportLines } from '../../../main/project/export-lines';
import { ProjectStore } from '../../../main/project/store';
import { exampleLine, exampleProject, saveWhole } from '../../../main/project/testing/examples';
import { openTakes } from '../../../main/takes/store';
import { exampleDraft, SAMPLE_RATE } from '../../../main/takes/testing/examples';

// Every point where something is written, on a disk of 8 MB that is full but for the given bytes.
// Prints what became of each: how it failed, whether what was there stayed, and what was left behind.
const [disk, free, speak, pack] = process.argv.slice(2);
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
const at = (...names: string[]) => join(disk, ...names);
const filler = at('filler');

function fill(): void {
  for (const block of [65_536, 4096, 1]) {
    try {
      for (;;) writeFileSync(filler, new Uint8Array(block), { flag: 'a' });
    } catch {}
  }
  if (Number(free) > 0) {
    const { size } = lstatSync(filler);
    execFileSync('truncate', ['-s', String(Math.max(0, size - Number(free))), filler]);
  }
}

/** Of every file, by its path. */
function hashes(folder = disk): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'filler')
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

const sound = { format: 'int16', sampleRate: 'native', loudness: null, truePeak: -1 } as const;
const takes = await openTakes(at('takes'));
const recorder = await takes.begin(exampleDraft({ text: 'Long. '.repeat(2000) }));
await recorder.audio(new Float32Array(4 * SAMPLE_RATE).map((_, i) => Math.sin(i / 9) / 3));
const take = await recorder.end('finished', null);
const { samples } = await takes.readSound(take.id);
const store = await ProjectStore.create(at('Play.timbrel'));
await saveWhole(store, exampleProject(1000));
const listening = await ListeningTests.open(at('listening'), exampleSource().source);
const { id: test } = await listening.create({
  kind: 'preference',
  trials: 5,
  source: { from: 'sentences', sentences: ['One.', 'Two.'], settings: exactAndPcg },
});
while (listening.list()[0].state.status === 'preparing') {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const memory = new Conf({ cwd: at('memory'), configFileMode: 0o600 });
memory.set('preferences', { text: 'A'.repeat(20_000) });
const verified = new VerifiedFiles(at('cache', 'verified-files.json'));
const verdicts = new Verdicts(at('cache', 'device-trials.json'), 'key');
await verdicts.save({});
const line = exampleLine(1, {
  chosen: take.id,
  takes: [
    { take: take.id, text: 'A', settings: exampleDraft().settings, seconds: 4, suspicions: [] },
  ],
});
mkdirSync(at('exports'));
const lines = (layout: 'files' | 'joined') =>
  exportLines({
    name: 'Play',
    lines: [line],
    settings: { layout, template: '{number}', gapSeconds: 0, table: true },
    sound,
    folder: at('exports'),
    version: '0',
    getTake: (id) => takes.get(id),
    readSound: (id) => takes.readSound(id),
  });
const oneTake = () =>
  exportTake({
    take,
    samples,
    sampleRate: SAMPLE_RATE,
    settings: sound,
    path: at('exports', 'take.wav'),
    version: '0',
    overwrite: true,
  });
// What is there before, so that it may be lost.
await oneTake();
for (const layout of ['files', 'joined'] as const) await lines(layout);
await takes.wavForDrag(take.id, at('drag'));
writeFileSync(at('out.wav'), 'an older file');
symlinkSync(pack, at('pack'));

/** In a process of its own, which keeps copies of the pack's graphs beside it where there is room. */
async function speakWith(...args: string[]): Promise<void> {
  const child = spawn(
    process.execPath,
    [speak, '--text', 'Hi.', '--device', 'cpu', '--pack', at('pack'), ...args],
    {
      env: { ...process.env, XDG_CACHE_HOME: at('cache'), ORT_DISABLE_TELEMETRY: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const [said, code] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) throw new Error(said.trim());
}

const points: Record<string, () => unknown> = {
  'a new take': () => takes.begin(exampleDraft({ text: 'Long. '.repeat(15_000) })),
  'a take renamed': () => takes.rename(take.id, 'Other'),
  'a take exported': oneTake,
  'lines exported, a file each': () => lines('files'),
  'lines exported, joined': () => lines('joined'),
  'a take dragged': () => takes.wavForDrag(take.id, at('drag')),
  'a project saved': () => saveWhole(store, exampleProject(1001)),
  'a project made anew': async () => (await ProjectStore.create(at('New.timbrel'))).close(),
  'a blind test made': () =>
    listening.create({
      kind: 'preference',
      trials: 5,
      source: { from: 'takes', rows: [[take.id, take.id]] },
    }),
  'an answer given': () => listening.answer(test, 0, { kind: 'preference', choice: 'none' }, [1]),
  preferences: () => memory.set('preferences', { text: 'B'.repeat(200_000) }),
  'verified files': async () => {
    for (let i = 0; i < 2000; i++) {
      verified.remember(at(`file-${i}`), lstatSync(disk, { bigint: true }), 'a'.repeat(64));
    }
    await verified.save();
  },
  'verdicts on devices': () => verdicts.save({ cpu: 'x'.repeat(200_000) } as never),
  'speak --out': () => speakWith('--out', at('out.wav')),
  'mapped copies': () => speakWith(),
};

const told = [];
for (const [point, write] of Object.entries(points)) {
  const before = hashes();
  fill();
  let failure = null;
  try {
    await write();
  } catch (error) {
    failure = toFailure(error);
  }
  rmSync(filler, { force: true });
  const after = hashes();
  const isKept = Object.entries(before).every(([path, hash]) => after[path] === hash);
  const left = Object.keys(after).filter((path) => !(path in before));
  const temporary = left.filter((path) => /\.tmp$|\/part-/.test(path));
  told.push({ point, failure, isKept, left: left.length, temporary });
  // So that one point's success does not fill the disk for the next.
  for (const path of left) rmSync(path, { force: true });
  if (existsSync(at('New.timbrel.lock'))) rmSync(at('New.timbrel.lock'), { recursive: true });
}
await store.close();
console.log(JSON.stringify(told));
process.exit();
