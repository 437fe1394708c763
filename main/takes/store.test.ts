import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Take } from '../../contract/take';
import { readWav } from '../audio/wav';
import { openTakes, type TakeStore } from './store';
import { roundsPath, takePath } from './take-folder';
import {
  exampleDraft,
  exampleRound,
  exampleTake,
  rampSample,
  SAMPLE_RATE,
  SAMPLES_PER_FRAME,
} from './testing/examples';

let folder: string;
let store: TakeStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-takes-'));
  store = await openTakes(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ramp = (length: number) => Float32Array.from({ length }, (_, i) => rampSample(i));
const onDisk = async (id: string) =>
  Take.parse(JSON.parse(await readFile(takePath(join(folder, id)), 'utf8')));

async function finishedTake(name = 'A take', samples = 2 * SAMPLES_PER_FRAME): Promise<Take> {
  const recorder = await store.begin(exampleDraft({ name }));
  await recorder.audio(ramp(samples));
  recorder.progress(recorder.take.counters, samples / SAMPLES_PER_FRAME, 10, 5);
  return recorder.end('finished', null);
}

describe('recording a take', () => {
  it('has take.json on the disk before anything is generated', async () => {
    const recorder = await store.begin(exampleDraft());
    const take = await onDisk(recorder.take.id);
    expect(take).toEqual(recorder.take);
    expect(take).toMatchObject({ status: 'generating', frames: 0, ...exampleDraft() });
    await recorder.end('cancelled', null);
  });

  it('keeps everything it was told', async () => {
    const recorder = await store.begin(exampleDraft());
    const rounds = [exampleRound(0, 2), exampleRound(3, 3), exampleRound(7, 0)];
    const counters = { ...exampleTake().counters, rounds: 3 };
    const piece = {
      text: 'It was.',
      startFrame: 0,
      frames: 8,
      end: 'endOfSpeech' as const,
      lookaheads: '343',
    };
    await recorder.rounds(rounds.slice(0, 2));
    await recorder.rounds(rounds.slice(2));
    await recorder.audio(ramp(SAMPLES_PER_FRAME));
    await recorder.audio(ramp(8 * SAMPLES_PER_FRAME).subarray(SAMPLES_PER_FRAME));
    recorder.piece(piece);
    recorder.notice('Split in two.');
    recorder.progress(counters, 8, 42, 17);
    const ended = await recorder.end('finished', null);

    store = await openTakes(folder);
    expect(store.list()).toEqual([ended]);
    expect(store.get(ended.id)).toMatchObject({
      status: 'finished',
      problem: null,
      counters,
      frames: 8,
      pieces: [piece],
      notices: ['Split in two.'],
      wallMs: 42,
      firstSoundMs: 17,
    });
    expect(await store.readRounds(ended.id)).toEqual(rounds);
    expect(await store.readSound(ended.id)).toEqual({
      sampleRate: SAMPLE_RATE,
      samples: ramp(8 * SAMPLES_PER_FRAME),
    });
  });

  it('refreshes take.json while it grows, and no oftener than it may', async () => {
    store = await openTakes(folder, { refreshMs: 50 });
    const recorder = await store.begin(exampleDraft());
    const { id, counters } = recorder.take;
    recorder.progress({ ...counters, rounds: 1 }, 1, 1, 1);
    recorder.progress({ ...counters, rounds: 2 }, 2, 2, 1);
    expect((await onDisk(id)).counters.rounds).toBe(0);
    await expect.poll(async () => (await onDisk(id)).counters.rounds).toBe(2);
    expect(store.get(id).frames).toBe(2);
    await recorder.end('finished', null);
  });

  it('ends once, and counts the frames that have sound where it did not finish', async () => {
    const recorder = await store.begin(exampleDraft());
    await recorder.audio(ramp(1000));
    recorder.progress(recorder.take.counters, 9, 1, 1);
    const [first, second] = await Promise.all([
      recorder.end('failed', 'The inference process died.'),
      recorder.end('finished', null),
    ]);
    expect(first).toMatchObject({
      status: 'failed',
      problem: 'The inference process died.',
      frames: 3,
    });
    expect(second).toEqual(first);
    expect(await onDisk(first.id)).toEqual(first);
    expect((await store.readSound(first.id)).samples).toHaveLength(1000);
  });

  it('can be renamed and starred meanwhile, but not removed', async () => {
    const recorder = await store.begin(exampleDraft());
    const { id } = recorder.take;
    await store.rename(id, 'Renamed');
    await store.star(id, true);
    recorder.progress(recorder.take.counters, 1, 1, 1);
    await expect(store.remove(id)).rejects.toMatchObject({ failure: { kind: 'usage' } });
    await recorder.audio(ramp(SAMPLES_PER_FRAME));
    expect(await recorder.end('finished', null)).toMatchObject({ name: 'Renamed', starred: true });
    expect(await onDisk(id)).toMatchObject({ name: 'Renamed', starred: true, frames: 1 });
  });

  it('says in a sentence that its folder is gone', async () => {
    await rm(folder, { recursive: true });
    await expect(store.begin(exampleDraft())).rejects.toMatchObject({
      failure: { kind: 'storage', message: expect.stringContaining(`The folder ${folder} is not`) },
    });
    expect(store.list()).toEqual([]);
  });
});

describe('ids', () => {
  it('sort by time and fit the contract', async () => {
    const moments = [Date.UTC(2026, 0, 2, 3, 4, 5), Date.UTC(2026, 10, 12, 13, 14, 15)];
    const ids: string[] = [];
    for (const moment of moments) {
      const opened = await openTakes(folder, { now: () => new Date(moment), random: () => 0 });
      ids.push(opened.newId());
    }
    expect(ids).toEqual(['20260102-030405-aaaa', '20261112-131415-aaaa']);
  });

  it('are never given twice, within one second as well', async () => {
    let drawn = 0;
    const random = () => (drawn++ < 8 ? 0 : 0.5);
    store = await openTakes(folder, { now: () => new Date(0), random });
    const first = await store.begin(exampleDraft());
    const second = await store.begin(exampleDraft());
    expect(first.take.id).toBe('19700101-000000-aaaa');
    expect(second.take.id).toBe('19700101-000000-nnnn');
    await Promise.all([first.end('cancelled', null), second.end('cancelled', null)]);
  });

  it('can be known before the take begins', async () => {
    const id = store.newId();
    const recorder = await store.begin(exampleDraft({ id }));
    expect((await recorder.end('cancelled', null)).id).toBe(id);
  });

  it('that are unknown get a sentence', async () => {
    expect(() => store.get('20260102-030405-zzzz')).toThrow('There is no take');
    await expect(store.readSound('20260102-030405-zzzz')).rejects.toThrow('There is no take');
    await expect(store.restore('20260102-030405-zzzz')).rejects.toThrow('There is no take');
  });
});

describe('the list', () => {
  it('is newest first', async () => {
    let now = Date.UTC(2026, 0, 1);
    store = await openTakes(folder, {
      now: () => {
        now += 400;
        return new Date(now);
      },
    });
    for (const name of ['one', 'two', 'three', 'four']) await finishedTake(name);
    const names = () => store.list().map((take) => take.name);
    expect(names()).toEqual(['four', 'three', 'two', 'one']);
    store = await openTakes(folder);
    expect(names()).toEqual(['four', 'three', 'two', 'one']);
  });

  it('tells its listeners until they turn it off', async () => {
    let told = 0;
    const off = store.onChanged(() => told++);
    const { id } = await finishedTake();
    expect(told).toBe(2);
    await store.rename(id, 'Other');
    await store.remove(id);
    await store.restore(id);
    expect(told).toBe(5);
    off();
    await store.star(id, true);
    expect(told).toBe(5);
  });
});

describe('renaming and removing', () => {
  it('is undone by the old name, and outlives a restart', async () => {
    const { id } = await finishedTake('Old');
    await store.rename(id, 'New');
    expect((await onDisk(id)).name).toBe('New');
    expect((await store.rename(id, 'Old')).name).toBe('Old');
    store = await openTakes(folder);
    expect(store.get(id).name).toBe('Old');
  });

  it('is undone by restoring, with the name it had and all of its sound', async () => {
    const { id } = await finishedTake('Old');
    await store.rename(id, 'New');
    const before = store.get(id);
    await store.remove(id);
    expect(store.list()).toEqual([]);
    expect(() => store.get(id)).toThrow('There is no take');
    expect(await readdir(join(folder, '.removed'))).toEqual([id]);

    expect(await store.restore(id)).toEqual(before);
    expect(store.list()).toEqual([before]);
    expect((await store.readSound(id)).samples).toEqual(ramp(2 * SAMPLES_PER_FRAME));
  });

  it('waits for edits that are under way', async () => {
    const { id } = await finishedTake('Old');
    const renamed = store.rename(id, 'New');
    await store.remove(id);
    await renamed;
    await store.restore(id);
    expect((await onDisk(id)).name).toBe('New');
  });

  it('is final when the takes are opened again', async () => {
    const { id } = await finishedTake();
    const kept = await finishedTake('Kept');
    await store.remove(id);
    store = await openTakes(folder);
    expect(store.list().map((take) => take.name)).toEqual(['Kept']);
    await expect(store.restore(id)).rejects.toThrow('There is no take');
    expect(await readdir(folder)).toEqual([kept.id]);
  });

  it('overlapping edits all arrive, and the last one wins', async () => {
    const { id } = await finishedTake();
    await Promise.all([
      store.rename(id, 'One'),
      store.star(id, true),
      store.rename(id, 'Two'),
      store.rename(id, 'Three'),
    ]);
    expect(await onDisk(id)).toMatchObject({ name: 'Three', starred: true });
    expect(await readdir(join(folder, id))).toEqual(['audio.wav', 'rounds.jsonl', 'take.json']);
  });
});

describe('opening what a crash or a hand left behind', () => {
  it('sets a damaged take.json aside, reports it, and reads the others', async () => {
    const good = await finishedTake('Good');
    const damages = ['{"schema": 1', '', '{"schema":1}', '\0\0\0\0', '[]'];
    const damaged: string[] = [];
    for (const text of damages) {
      const { id } = await finishedTake();
      await writeFile(takePath(join(folder, id)), text);
      damaged.push(join(folder, id));
    }
    store = await openTakes(folder);
    expect(store.list()).toEqual([good]);
    expect(store.setAside.map((each) => each.folder).sort()).toEqual(damaged.sort());
    for (const [i, home] of damaged.entries()) {
      const names = await readdir(home);
      expect(names).not.toContain('take.json');
      const aside = names.find((name) => /^take\.unreadable-\d+\.json$/.test(name))!;
      expect(damages).toContain(await readFile(join(home, aside), 'utf8'));
      expect(names).toContain('audio.wav');
      expect(store.setAside[i].message).toContain('its sound is still there');
    }
    expect((await openTakes(folder)).setAside).toEqual([]);
  });

  it('leaves takes of a later version as they are', async () => {
    const { id } = await finishedTake();
    const later = JSON.stringify({ schema: 2, id });
    await writeFile(takePath(join(folder, id)), later);
    store = await openTakes(folder);
    expect(store.list()).toEqual([]);
    expect(store.setAside[0].message).toContain('later version of Timbrel');
    expect(await readFile(takePath(join(folder, id)), 'utf8')).toBe(later);
  });

  it('lists takes of other packs, and plays them at their own rate', async () => {
    const recorder = await store.begin(
      exampleDraft({
        pack: { id: 'gone', name: 'Gone', sha256: 'f', sampleRate: 24_000, frameRate: 75 },
      }),
    );
    await recorder.audio(ramp(640));
    const { id } = await recorder.end('cancelled', null);
    store = await openTakes(folder);
    expect(store.get(id)).toMatchObject({ pack: { id: 'gone' }, frames: 2 });
    expect(await store.readSound(id)).toEqual({ sampleRate: 24_000, samples: ramp(640) });
  });

  it('gives a folder that was copied by hand an id of its own', async () => {
    const take = await finishedTake();
    await cp(join(folder, take.id), join(folder, `${take.id}-copy`), { recursive: true });
    await mkdir(join(folder, 'Not a take'));
    await writeFile(join(folder, 'notes.txt'), 'mine');
    store = await openTakes(folder);
    expect(store.list().map(({ id }) => id)).toEqual([`${take.id}-copy`, take.id]);
    await store.rename(`${take.id}-copy`, 'Copy');
    expect(store.get(take.id).name).toBe('A take');
    expect(await readdir(folder)).toContain('notes.txt');
  });

  it('makes takes that were cut off before their first sound interrupted', async () => {
    const recorder = await store.begin(exampleDraft());
    const left = join(folder, 'left');
    await cp(join(folder, recorder.take.id), join(left, recorder.take.id), { recursive: true });
    await recorder.end('cancelled', null);
    store = await openTakes(left);
    expect(store.list()[0]).toMatchObject({
      status: 'interrupted',
      frames: 0,
      problem: 'Timbrel stopped while this take was being generated; no sound had been made yet.',
    });
    expect((await store.readSound(store.list()[0].id)).samples).toHaveLength(0);
    expect((await openTakes(left)).list()).toEqual(store.list());
  });

  it('reads rounds up to a torn or damaged line', async () => {
    const { id } = await finishedTake();
    const path = roundsPath(join(folder, id));
    const rounds = [exampleRound(0, 2), exampleRound(3, 3)];
    const [first, second] = rounds.map((round) => JSON.stringify(round));
    for (const [text, expected] of [
      [`${first}\n${second}\n`, rounds],
      [`${first}\n${second.slice(0, 40)}`, rounds.slice(0, 1)],
      [`${first}\n${second}`, rounds.slice(0, 1)],
      [`${first}\n{"piece":0}\n${second}\n`, rounds.slice(0, 1)],
      ['', []],
    ] as const) {
      await writeFile(path, text);
      expect(await store.readRounds(id)).toEqual(expected);
    }
    await rm(path);
    expect(await store.readRounds(id)).toEqual([]);
  });

  it('says that the sound of a take is gone, or damaged', async () => {
    const { id } = await finishedTake('Lost');
    await writeFile(store.wavPath(id), 'no sound');
    await expect(store.readSound(id)).rejects.toThrow('damaged beyond reading');
    await rm(store.wavPath(id));
    await expect(store.readSound(id)).rejects.toThrow('The sound of “Lost” is gone');
  });

  it('refuses a path that is no folder', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(openTakes(join(file, 'takes'))).rejects.toMatchObject({
      failure: { kind: 'storage', message: expect.stringContaining('choose another one') },
    });
  });
});

describe('a file to drag', () => {
  it('is a 16-bit copy named after the take, the same one each time', async () => {
    store = await openTakes(folder, { version: '1.2.3' });
    const { id } = await finishedTake('What / if: "so"?');
    const outside = await mkdtemp(join(tmpdir(), 'timbrel-drag-'));
    const path = await store.wavForDrag(id, outside);
    expect(path).toBe(join(outside, id, 'What - if- -so-.wav'));
    const first = await readFile(path);
    const wav = readWav(first);
    expect(wav).toMatchObject({ bits: 16, sampleRate: SAMPLE_RATE });
    expect(wav.tags).toMatchObject({ INAM: 'What / if: "so"?', ISFT: 'Timbrel 1.2.3' });
    const sound = ramp(2 * SAMPLES_PER_FRAME);
    expect(wav.samples.every((x, i) => Math.abs(x - sound[i]) <= 1.5 / 32768)).toBe(true);
    expect(await store.wavForDrag(id, outside)).toBe(path);
    expect(await readFile(path)).toEqual(first);
    expect(await readdir(join(outside, id))).toHaveLength(1);
    await rm(outside, { recursive: true });
  });
});
