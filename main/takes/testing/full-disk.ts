import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toFailure } from '../../../contract/failure';
import { exportTake } from '../../audio/export';
import { readWav } from '../../audio/wav';
import { openTakes } from '../store';
import { exampleDraft, exampleRound, rampSample, SAMPLE_RATE, SAMPLES_PER_FRAME } from './examples';

// Fills a disk of 2 MB with a take, exports onto the full disk, frees some room and goes on.
// Prints what became of everything.
const disk = process.argv[2];
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
const folder = join(disk, 'takes');
const failureOf = (work: Promise<unknown>) => work.then(() => null, toFailure);
const ballast = join(disk, 'ballast');
writeFileSync(ballast, new Uint8Array(256 * 1024));
const older = join(disk, 'older.wav');
writeFileSync(older, 'an older file');

const store = await openTakes(folder);
const recorder = await store.begin(exampleDraft());
await recorder.rounds([exampleRound(0, 2)]);
let written = 0;
let appended = null;
while (!appended) {
  const samples = Float32Array.from({ length: 4800 }, (_, i) => rampSample(written + i));
  appended = await failureOf(recorder.audio(samples));
  if (!appended) written += samples.length;
}
const repeated = await failureOf(recorder.audio(new Float32Array(1)));
// Also what the failed append had left over.
const filler = join(disk, 'filler');
for (const block of [4096, 1]) {
  try {
    for (;;) writeFileSync(filler, new Uint8Array(block), { flag: 'a' });
  } catch {}
}
const ended = await recorder.end('failed', appended.message);
const id = ended.id;
const whileFull = await store.readSound(id);
const exported = await failureOf(
  exportTake({
    take: ended,
    samples: whileFull.samples,
    sampleRate: SAMPLE_RATE,
    settings: { format: 'float32', sampleRate: 48_000, loudness: null, truePeak: -1 },
    path: older,
    version: '0',
    overwrite: true,
  }),
);
const begun = await failureOf(store.begin(exampleDraft()));
const listed = store.list().length;
const litter = readdirSync(disk).filter((name) => name.endsWith('.tmp'));

execFileSync('rm', [ballast, filler]);
const next = await store.begin(exampleDraft());
await next.audio(new Float32Array(SAMPLES_PER_FRAME));
next.progress(next.take.counters, 1, 1, 1);
const nextTake = await next.end('finished', null);
const reopened = await openTakes(folder);

const kept = readWav(readFileSync(reopened.wavPath(id))).samples;
console.log(
  JSON.stringify({
    disk,
    written,
    appended,
    repeated,
    ended,
    heardWhileFull: whileFull.samples.length,
    exported,
    olderFile: readFileSync(older, 'utf8'),
    begun,
    listed,
    litter,
    nextTake,
    reopened: reopened.list().map(({ id, status, frames }) => ({ id, status, frames })),
    keptWhole: kept.length === written && kept.every((sample, i) => sample === rampSample(i)),
  }),
);
