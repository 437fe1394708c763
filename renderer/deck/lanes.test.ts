import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobEvent } from '../../contract/job';
import type { Take } from '../../contract/take';
import { createFakeBridge, exampleSettings } from '../testing/fake-bridge';
import { useDeckSettings } from './deck-settings';
import { laneData, onLaneData } from './lane-data';
import { useLanes } from './lanes';
import { loopOver, useLoop } from './loop';
import { useSpokenWords } from './spoken-words';

const player = vi.hoisted(() => ({
  state: 'stopped',
  calls: [] as [name: string, ...values: unknown[]][],
}));
vi.mock('./player', () => {
  const spy =
    (name: string, state?: string) =>
    (...values: unknown[]) => {
      player.calls.push([name, ...values]);
      if (state) player.state = state;
    };
  return {
    playerState: { getState: () => ({ state: player.state }) },
    play: spy('play', 'playing'),
    stop: spy('stop', 'stopped'),
    seek: spy('seek'),
    selectLane: spy('selectLane'),
    clearSound: spy('clearSound', 'stopped'),
    beginSound: spy('beginSound', 'stopped'),
    appendSound: spy('appendSound'),
    finishSound: spy('finishSound'),
    setLaneGain: spy('setLaneGain'),
    setLoopRegion: spy('setLoopRegion'),
    setTimeMap: spy('setTimeMap'),
  };
});

const heard = (name: string) => player.calls.filter(([called]) => called === name);
const lane = (name: 'A' | 'B') => useLanes.getState().lanes[name];

const fake = createFakeBridge({
  takes: [
    { text: 'One take that is there already.', settings: exampleSettings },
    { text: 'Another one, decoded plainly.', settings: { ...exampleSettings, method: 'plain' } },
  ],
});
Object.defineProperty(window, 'timbrel', { value: fake.bridge, configurable: true });

async function takes(): Promise<Take[]> {
  const reply = await fake.bridge.listTakes(undefined);
  if (!reply.ok) throw new Error(reply.failure.message);
  return reply.value;
}

const tone = (seconds: number, amplitude: number) =>
  Float32Array.from(
    { length: seconds * 16_000 },
    (_, i) => amplitude * Math.sin((2 * Math.PI * 100 * i) / 16_000),
  );

/** Runs a whole job in a lane: one round, two seconds of sound, the end. */
async function run(name: 'A' | 'B', part: Partial<Take> = {}, amplitude = 0.5): Promise<Take> {
  const take = { ...(await takes())[0], status: 'generating' as const, ...part };
  const { begin, receive } = useLanes.getState();
  begin(name, 'job-1');
  const events: JobEvent[] = [
    { type: 'started', take },
    {
      type: 'rounds',
      rounds: [
        {
          piece: 0,
          frame: 0,
          judged: [],
          ignored: [],
          drawn: { token: 3, kind: 'bonus' },
          ended: false,
        },
      ],
    },
    { type: 'audio', samples: tone(2, amplitude) },
    { type: 'ended', take: { ...take, status: 'finished' }, failure: null },
  ];
  for (const event of events) receive(name, event);
  return take;
}

beforeEach(() => {
  player.calls = [];
  player.state = 'stopped';
  useDeckSettings.setState({ listenLive: true, matchLevels: true, switchMode: 'time' });
  const { begin, setFocus } = useLanes.getState();
  for (const name of ['A', 'B'] as const) begin(name, 'none');
  setFocus('A');
  player.calls = [];
});

describe('a job in a lane', () => {
  it('goes from queued over generating to ready, and fills the lane as it comes', async () => {
    const [stored] = await takes();
    const take = { ...stored, status: 'generating' as const };
    const { begin, receive } = useLanes.getState();
    begin('B', 'job-1');
    expect(lane('B')).toMatchObject({ phase: 'queued', job: 'job-1', take: null });
    receive('B', { type: 'started', take });
    expect(lane('B')).toMatchObject({ phase: 'generating', take: { id: take.id } });

    const changes = vi.fn();
    const off = onLaneData(changes);
    receive('B', { type: 'audio', samples: tone(0.5, 0.5) });
    receive('B', { type: 'audio', samples: tone(0.25, 0.5) });
    off();
    expect(changes).toHaveBeenCalledWith('B');
    expect(laneData('B')?.peaks.length).toBe(12_000);
    expect(heard('appendSound')).toHaveLength(2);

    receive('B', {
      type: 'progress',
      counters: take.counters,
      frames: 37,
      expectedFrames: 200,
      piece: 0,
      pieces: 1,
      elapsedMs: 40,
    });
    expect(laneData('B')?.expectedSeconds).toBe(4);
    receive('B', { type: 'ended', take: { ...take, status: 'finished' }, failure: null });
    expect(lane('B')).toMatchObject({ phase: 'ready', job: null, take: { status: 'finished' } });
    expect(laneData('B')?.expectedSeconds).toBe(0.75);
    expect(heard('finishSound')).toEqual([['finishSound', 'B']]);
  });

  it('keeps what was finished before a failure, and says why it ended', async () => {
    const take = await run('A');
    const { begin, receive } = useLanes.getState();
    const failure = { kind: 'runtime' as const, message: 'The engine stopped.' };
    begin('A', 'job-2');
    receive('A', { type: 'started', take });
    receive('A', { type: 'audio', samples: tone(1, 0.5) });
    receive('A', { type: 'ended', take: { ...take, status: 'failed' }, failure });
    expect(lane('A')).toMatchObject({ phase: 'ready', failure });

    begin('A', 'job-3');
    receive('A', { type: 'started', take });
    receive('A', { type: 'ended', take: { ...take, status: 'failed' }, failure });
    expect(lane('A')).toMatchObject({ phase: 'failed', failure });
  });

  it('no longer reaches a lane that another take was opened into', async () => {
    const [stored] = await takes();
    const { begin, receive, open } = useLanes.getState();
    begin('A', 'job-1');
    receive('A', { type: 'started', take: { ...stored, id: 'another-take' } });
    await open('A', stored.id);
    const length = laneData('A')!.peaks.length;
    receive('A', { type: 'audio', samples: tone(1, 0.5) });
    receive('A', { type: 'ended', take: { ...stored, id: 'another-take' }, failure: null });
    expect(laneData('A')?.peaks.length).toBe(length);
    expect(lane('A').take?.id).toBe(stored.id);
  });
});

describe('listening live', () => {
  it('plays a single take from its first sound, in the lane where it comes', async () => {
    await run('B', { pair: null });
    expect(useLanes.getState().focus).toBe('B');
    expect(heard('seek')).toEqual([['seek', 0]]);
    expect(heard('play')).toHaveLength(1);
  });

  it('plays neither half of a pair, and nothing when it is off', async () => {
    await run('A', { pair: '5f6f34c5-2f61-4b8e-9b0c-1f6e56a5d6b0' });
    useDeckSettings.setState({ listenLive: false });
    await run('A', { pair: null });
    expect(heard('play')).toHaveLength(0);
  });
});

describe('opening a take', () => {
  it('loads sound and rounds', async () => {
    const [plain, pcg] = await takes();
    await useLanes.getState().open('A', pcg.id);
    await useLanes.getState().open('B', plain.id);
    expect(lane('A')).toMatchObject({ phase: 'ready', take: { id: pcg.id } });
    expect(laneData('A')?.peaks.length).toBe(
      (pcg.frames * pcg.pack.sampleRate) / pcg.pack.frameRate,
    );
    expect(laneData('A')?.cells.frames).toBe(pcg.frames);
    expect(laneData('B')?.cells.counts.plain).toBe(plain.counters.bonus);
  });

  it('shows the take that was asked for last, whichever is read first', async () => {
    const [first, second] = await takes();
    const { open } = useLanes.getState();
    await Promise.all([open('A', first.id), open('A', second.id)]);
    expect(lane('A').take?.id).toBe(second.id);
  });

  it('leaves the lane empty and throws when the take cannot be read', async () => {
    fake.failNext('readTake', { kind: 'storage', message: 'The file is gone.' });
    const [take] = await takes();
    await expect(useLanes.getState().open('A', take.id)).rejects.toThrow('The file is gone.');
    expect(lane('A').phase).toBe('empty');
  });
});

describe('a loop', () => {
  it('outlives a new take that reaches it, and goes with the sound that it was in', async () => {
    loopOver({ start: 1, end: 1.5 });
    await run('A');
    expect(useLoop.getState()).toEqual({ region: { start: 1, end: 1.5 }, isOn: true });
    loopOver({ start: 30, end: 31 });
    await run('A');
    expect(useLoop.getState()).toEqual({ region: null, isOn: false });
  });
});

describe('focus', () => {
  it('is the lane that is heard: switching keeps the time, or restarts when set so', () => {
    const { switchLane, setFocus } = useLanes.getState();
    switchLane();
    setFocus('B');
    useDeckSettings.setState({ switchMode: 'restart' });
    switchLane();
    expect(heard('selectLane')).toEqual([
      ['selectLane', 'B', 'time'],
      ['selectLane', 'A', 'restart'],
    ]);
  });

  it('switches in the same word once the words of both lanes are known, the loop with it', async () => {
    const [plain, pcg] = await takes();
    await useLanes.getState().open('A', pcg.id);
    await useLanes.getState().open('B', plain.id);
    await vi.waitFor(() => expect(useSpokenWords.getState().words.B.length).toBeGreaterThan(0), {
      timeout: 30_000,
    });
    expect(useSpokenWords.getState().map).toBeNull();
    await useLanes.getState().open('B', pcg.id);
    await vi.waitFor(() => expect(useSpokenWords.getState().map).not.toBeNull(), {
      timeout: 30_000,
    });
    useSpokenWords.setState({ map: { A: [0, 2], B: [1, 2] } });
    useDeckSettings.setState({ switchMode: 'word' });
    loopOver({ start: 0.5, end: 1 });
    useLanes.getState().switchLane();
    expect(heard('selectLane')).toEqual([['selectLane', 'B', 'word']]);
    expect(useLoop.getState().region).toEqual({ start: 1.25, end: 1.5 });
    useLanes.getState().switchLane();
    expect(useLoop.getState().region).toEqual({ start: 0.5, end: 1 });
  });

  it('plays and stops, and does not play an empty lane', async () => {
    useLanes.getState().playPause();
    expect(heard('play')).toHaveLength(0);
    await run('A', { pair: '5f6f34c5-2f61-4b8e-9b0c-1f6e56a5d6b0' });
    useLanes.getState().playPause();
    useLanes.getState().playPause();
    expect(player.calls.slice(-2)).toEqual([['play'], ['stop']]);
  });
});

describe('levels', () => {
  it('are matched once both lanes are known, and let go when it is turned off', async () => {
    await run('A', {}, 0.5);
    expect(heard('setLaneGain')).toHaveLength(0);
    await run('B', {}, 0.25);
    expect(lane('A').gain).toBeCloseTo(1, 9);
    expect(lane('B').gain).toBeCloseTo(2, 2);
    useDeckSettings.setState({ matchLevels: false });
    expect(lane('B').gain).toBe(1);
    expect(heard('setLaneGain').at(-1)).toEqual(['setLaneGain', 'B', 1]);
  });
});
