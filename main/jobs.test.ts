import { beforeEach, describe, expect, it } from 'vitest';
import { FailureError } from '../contract/failure';
import type { JobEvent } from '../contract/job';
import type { SpeakSettings } from '../contract/settings';
import type { Take } from '../contract/take';
import { noCounts } from './decoding/counters';
import { buildNeighbours } from './decoding/neighbours';
import type { SpeakEvent } from './inference/messages';
import { Jobs, type JobWorld } from './jobs';
import type { Pack } from './packs/pack';
import type { TakeRecorder } from './takes/recorder';
import type { TakeDraft } from './takes/store';

const settings: SpeakSettings = {
  voice: 'alto',
  method: 'pcg',
  theta: 0.5,
  lookahead: 3,
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 1,
};

const pack = {
  sha256: 'a'.repeat(64),
  neighbours: buildNeighbours({ tokens: 4, width: 2, values: [1, 0, 0, 1, 1, 1, 1, 2] }, 0.2),
  summary: { id: 'p', name: 'P', sampleRate: 16_000, frameRate: 50, thetaFloor: 0.2 },
  frontEnd: {
    prepare: (text: string) => {
      if (text === '♪') throw new FailureError('text', 'Nothing in this text can be spoken.');
      return [{ text, prompt: [1], expectedFrames: 10 }];
    },
  },
} as unknown as Pack;

/** Records in memory, as the store would on the disk. */
function memoryRecorder(id: string, draft: TakeDraft, written: string[]) {
  let take = { ...draft, id, counters: noCounts(), frames: 0, notices: [] } as unknown as Take;
  return {
    get take() {
      return take;
    },
    audio: async (samples: Float32Array) => void written.push(`audio ${samples.length}`),
    rounds: async () => void written.push('rounds'),
    piece: () => written.push('piece'),
    notice: (message: string) => written.push(`notice ${message}`),
    plainSpeed: (plainTokensPerSecond: number) => {
      take = { ...take, plainTokensPerSecond };
    },
    progress: (counters: Take['counters'], frames: number) => {
      take = { ...take, counters, frames };
    },
    end: async (status: Take['status'], problem: string | null) => {
      take = { ...take, status, problem };
      return take;
    },
  } as unknown as TakeRecorder;
}

let written: string[];
let events: { job: string; event: JobEvent }[];
let world: JobWorld;

const RESULT = { cancelled: false, wallMs: 1000, firstSoundMs: 10, plainTokensPerSecond: 80 };

/** A second of sound in two chunks, unless told to stop. */
const speakTwice: JobWorld['speak'] = async (_request, listen, signal) => {
  for (const frames of [25, 50]) {
    await new Promise(setImmediate);
    if (signal.aborted) return { ...RESULT, cancelled: true };
    listen({ type: 'audio', samples: new Float32Array(8000) });
    listen(progress(frames));
  }
  return RESULT;
};

const progress = (frames: number): SpeakEvent => ({
  type: 'progress',
  counters: { ...noCounts(), committed: frames },
  frames,
  expectedFrames: 50,
  piece: 0,
  pieces: 1,
  elapsedMs: 1,
});

beforeEach(() => {
  written = [];
  events = [];
  let takes = 0;
  let jobs = 0;
  world = {
    pack,
    device: () => 'cpu',
    speak: speakTwice,
    ready: async () => undefined,
    takes: () => [],
    begin: async (draft) => memoryRecorder(`take-${takes++}-x`, draft, written),
    openPort: (job) => ({
      post: (event) => void events.push({ job, event }),
      close: () => undefined,
    }),
    newId: () => `job-${jobs++}`,
    onPlainSpeed: () => undefined,
  };
});

const request = (text = 'Hello.', change: Partial<SpeakSettings> = {}) => ({
  text,
  settings: { ...settings, ...change },
  pair: null,
});
const ended = () =>
  events.flatMap(({ job, event }) => (event.type === 'ended' ? [{ job, ...event }] : []));

describe('the queue of takes', () => {
  it('runs one after another, and tells each on its own port', async () => {
    const jobs = new Jobs(world);
    await jobs.enqueue(request('One.'));
    await jobs.enqueue(request('Two.'));
    await jobs.settled();
    expect(events.map(({ job, event }) => `${job} ${event.type}`)).toEqual([
      ...['started', 'audio', 'progress', 'audio', 'progress', 'ended'].map((t) => `job-0 ${t}`),
      ...['started', 'audio', 'progress', 'audio', 'progress', 'ended'].map((t) => `job-1 ${t}`),
    ]);
    expect(
      ended().map(({ take }) => [take.status, take.frames, take.plainTokensPerSecond]),
    ).toEqual([
      ['finished', 50, 80],
      ['finished', 50, 80],
    ]);
  });

  it('tells whoever waits for a take how it ended, in turn with the others', async () => {
    const jobs = new Jobs(world);
    await jobs.enqueue(request('One.'));
    const whole = jobs.run(
      { ...request('Two.'), pronunciations: [{ word: 'two', as: 'to' }] },
      'mine',
    );
    const cut = jobs.run(request('Three.'), 'other');
    await expect(jobs.run(request('♪'), 'none')).rejects.toThrow(/can be spoken/);
    jobs.cancel('other');
    expect(await whole).toMatchObject({
      text: 'Two.',
      status: 'finished',
      pronunciations: [{ word: 'two', as: 'to' }],
    });
    expect(await cut).toMatchObject({ text: 'Three.', status: 'cancelled' });
    expect(ended().map(({ take }) => take.text)).toEqual(['One.']);
  });

  it('lets a text be heard without a take, in turn with the others, which go on', async () => {
    const jobs = new Jobs(world);
    const { settings } = request();
    await jobs.enqueue(request());
    const heard = jobs.hear({ text: 'Nguyen.', settings });
    await expect(jobs.hear({ text: '♪', settings })).rejects.toThrow(/can be spoken/);
    expect(await heard).toHaveLength(16_000);
    expect(new Set(events.map(({ job }) => job))).toEqual(new Set(['job-0']));
    expect(events.at(-1)?.event).toMatchObject({ type: 'ended', take: { status: 'finished' } });
    world.speak = async () => {
      throw new FailureError('runtime', 'The engine stopped.');
    };
    const failed = jobs.hear({ text: 'Nguyen.', settings });
    await expect(failed).rejects.toThrow('The engine stopped.');
    world.speak = speakTwice;
    expect(await jobs.hear({ text: 'Nguyen.', settings })).toHaveLength(16_000);
  });

  it('has a take that was made before come again by the lookaheads that it had, wherever that was', async () => {
    const asked: unknown[] = [];
    world.speak = async (request, listen, signal) => {
      asked.push(request.lookaheads);
      return speakTwice(request, listen, signal);
    };
    const made = {
      ...request('One.', { lookahead: 'adaptive' }),
      status: 'finished',
      device: 'cuda',
      pack: { sha256: pack.sha256 },
      pieces: [{ text: 'One.', lookaheads: '234' }],
    } as unknown as Take;
    world.takes = () => [made];
    const jobs = new Jobs(world);
    await jobs.enqueue(request('One.', { lookahead: 'adaptive' }));
    await jobs.enqueue(request('One.', { lookahead: 'adaptive', seed: 2 }));
    await jobs.settled();
    expect(asked).toEqual([['234'], undefined]);
  });

  it('refuses before it makes a take: no phones, a θ under the floor', async () => {
    const jobs = new Jobs(world);
    await expect(jobs.enqueue(request('♪'))).rejects.toThrow(/can be spoken/);
    await expect(jobs.enqueue(request('A', { theta: 0.1 }))).rejects.toThrow(/0.1 is too low/);
    await jobs.settled();
    expect(events).toEqual([]);
  });

  it('holds to its bound however fast it is asked, and forgets takes that could not begin', async () => {
    const jobs = new Jobs(world);
    const askedAtOnce = () =>
      Promise.allSettled(Array.from({ length: 60 }, () => jobs.enqueue(request())));
    const { begin } = world;
    world.begin = async () => {
      throw new FailureError('storage', 'The disk is full.');
    };
    expect((await askedAtOnce()).filter(({ status }) => status === 'fulfilled')).toEqual([]);
    world.begin = begin;
    const answers = await askedAtOnce();
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    expect(answers.at(-1)).toMatchObject({
      reason: { message: expect.stringMatching(/At most 50/) },
    });
    await jobs.settled();
  });

  it('counts words that are heard, and no name twice', async () => {
    const jobs = new Jobs(world);
    const { settings } = request();
    const heard = Array.from({ length: 60 }, () => jobs.hear({ text: 'Nguyen.', settings }));
    const answers = await Promise.allSettled(heard);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    const twice = [1, 2].map(() => jobs.run(request(), 'one-name'));
    const [first, second] = await Promise.allSettled(twice);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { message: expect.stringMatching(/queued already/) } });
    await jobs.settled();
  });

  it('cancels a running take, keeping its sound, and a waiting one before it begins', async () => {
    const jobs = new Jobs(world);
    const first = await jobs.enqueue(request('One.'));
    const second = await jobs.enqueue(request('Two.'));
    world.ready = async (signal) => {
      if (signal.aborted) throw new FailureError('cancelled', 'Cancelled before it began.');
    };
    jobs.cancel(second.job);
    await new Promise<void>((resolve) => {
      world.openPort = () => ({ post: () => undefined, close: () => undefined });
      const wait = () => (written.includes('audio 8000') ? resolve() : setImmediate(wait));
      wait();
    });
    jobs.cancel(first.job);
    await jobs.settled();
    expect(ended().map(({ take, failure }) => [take.status, failure?.kind])).toEqual([
      ['cancelled', 'cancelled'],
      ['cancelled', 'cancelled'],
    ]);
    expect(written).toEqual(['audio 8000']);
  });

  it('keeps finished sound when the engine dies, says so, and goes on with the next', async () => {
    let first = true;
    world.speak = async (speakRequest, listen, signal) => {
      if (!first) return speakTwice(speakRequest, listen, signal);
      first = false;
      listen({ type: 'audio', samples: new Float32Array(8000) });
      listen(progress(25));
      throw new FailureError('runtime', 'The engine stopped unexpectedly.');
    };
    const jobs = new Jobs(world);
    await jobs.enqueue(request('One.'));
    await jobs.enqueue(request('Two.'));
    await jobs.settled();
    const [dead, next] = ended();
    expect(dead.take.status).toBe('failed');
    expect(dead.take.problem).toBe('The engine stopped unexpectedly. What was finished is kept.');
    expect(dead.failure?.kind).toBe('runtime');
    expect(next.take.status).toBe('finished');
  });

  it('stops a take that can no longer be written, and says why', async () => {
    const begin = world.begin;
    world.begin = async (draft) => {
      const recorder = await begin(draft);
      return Object.assign(Object.create(recorder), {
        audio: async () => {
          throw new FailureError('storage', 'The disk is full.');
        },
      });
    };
    world.speak = async (speakRequest, listen, signal) => {
      listen({ type: 'audio', samples: new Float32Array(8000) });
      await new Promise(setImmediate);
      expect(signal.aborted).toBe(true);
      return speakTwice(speakRequest, listen, signal);
    };
    const jobs = new Jobs(world);
    await jobs.enqueue(request());
    await jobs.settled();
    const [only] = ended();
    expect(only.take.status).toBe('failed');
    expect(only.failure).toEqual({ kind: 'storage', message: 'The disk is full.' });
  });

  it('learns the speed of plain decoding from takes that were not cut short', async () => {
    const speeds: number[] = [];
    world.onPlainSpeed = (tokensPerSecond) => void speeds.push(tokensPerSecond);
    const jobs = new Jobs(world);
    const { job } = await jobs.enqueue(request('One.'));
    jobs.cancel(job);
    await jobs.enqueue(request('Two.'));
    await jobs.settled();
    expect(speeds).toEqual([80]);
  });

  it('names a take after the first words of its text', async () => {
    const names: string[] = [];
    const begin = world.begin;
    world.begin = async (draft) => {
      names.push(draft.name);
      return begin(draft);
    };
    const jobs = new Jobs(world);
    await jobs.enqueue(request('  Short   one. '));
    await jobs.enqueue(request('The quick brown fox jumps over the lazy dog and on and on.'));
    await jobs.enqueue(request('x'.repeat(100)));
    await jobs.settled();
    expect(names).toEqual([
      'Short one.',
      'The quick brown fox jumps over the lazy…',
      `${'x'.repeat(41)}…`,
    ]);
  });
});
