import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { toFailure } from '../../../contract/failure';
import { exportTake } from '../../audio/export';
import { openTakes } from '../store';
import { exampleDraft, SAMPLE_RATE, SAMPLES_PER_FRAME } from './examples';

// Takes on a disk that turns read-only, one of them cut off in the middle. Prints what became of
// everything.
const disk = process.argv[2];
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
const folder = join(disk, 'takes');
const failureOf = (work: Promise<unknown>) => work.then(() => null, toFailure);

const first = await openTakes(folder);
const finished = await first.begin(exampleDraft({ name: 'Finished' }));
await finished.audio(new Float32Array(2 * SAMPLES_PER_FRAME));
await finished.end('finished', null);
const growing = await openTakes(join(disk, 'growing'));
const cutOff = await growing.begin(exampleDraft({ name: 'Cut off' }));
await cutOff.audio(new Float32Array(SAMPLES_PER_FRAME));
renameSync(join(disk, 'growing', cutOff.take.id), join(folder, cutOff.take.id));
// On a disk of their own, because the take that is cut off still has its files open on this one.
const frozen = join(disk, 'frozen');
mkdirSync(frozen);
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', frozen]);
execFileSync('cp', ['-a', folder, frozen]);
execFileSync('mount', ['-o', 'remount,ro', frozen]);

const store = await openTakes(join(frozen, 'takes'));
const [take] = store.list().filter(({ name }) => name === 'Finished');
const { samples } = await store.readSound(take.id);
console.log(
  JSON.stringify({
    statuses: Object.fromEntries(store.list().map(({ name, status }) => [name, status])),
    setAside: store.setAside,
    heard: samples.length,
    begun: await failureOf(store.begin(exampleDraft())),
    renamed: await failureOf(store.rename(take.id, 'Other')),
    nameAfter: store.get(take.id).name,
    removed: await failureOf(store.remove(take.id)),
    listedAfter: store.list().length,
    exported: await failureOf(
      exportTake({
        take,
        samples,
        sampleRate: SAMPLE_RATE,
        settings: { format: 'int16', sampleRate: 'native', loudness: null, truePeak: -1 },
        path: join(frozen, 'out.wav'),
        version: '0',
      }),
    ),
  }),
);
