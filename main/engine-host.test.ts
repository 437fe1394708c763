import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailureError } from '../contract/failure';
import { EngineHost, type EnginePlan, type HostState } from './engine-host';
import type { EnginePack } from './inference/messages';

class Child extends EventEmitter {
  readonly stdout = null;
  readonly stderr = null;
  readonly postMessage = vi.fn();
  readonly kill = vi.fn(() => void this.emit('exit', 0));
  constructor(readonly pid: number) {
    super();
  }
}

class Port extends EventEmitter {
  readonly postMessage = vi.fn();
  readonly start = vi.fn();
  readonly close = vi.fn();
  constructor(readonly name: string) {
    super();
  }
}

const { children, channels } = vi.hoisted(() => ({
  children: [] as unknown[],
  channels: [] as unknown[],
}));
vi.mock('electron', () => ({
  MessageChannelMain: class {
    port1 = new Port('first end');
    port2 = new Port('second end');
    constructor() {
      channels.push(this);
    }
  },
  utilityProcess: {
    fork: () => {
      const child = new Child(1000 + children.length);
      children.push(child);
      return child;
    },
  },
}));
vi.mock('electron-log/main', () => ({
  default: { info: () => undefined, warn: () => undefined, error: () => undefined },
}));

const child = (i: number) => children[i] as Child;
const end = (name: string) => expect.objectContaining({ name });
/** Main's end of a job's channel. */
const jobPort = (i: number) => (channels[i] as { port1: Port }).port1;
const LOADED = {
  type: 'loaded',
  device: { name: 'cpu', label: 'CPU', half: false, draftsOnCpu: false, passedOver: [] },
};

const ENTRIES = { inference: 'inference.js', codec: 'codec.js' };

const planFor = async (name: string): Promise<EnginePlan> => ({
  pack: {} as EnginePack,
  device: { name, passedOver: ['CUDA is not here.'] },
  check: async () => undefined,
  mayFallBack: true,
});

/** What to load is told by a promise. */
const planned = () => vi.advanceTimersByTimeAsync(0);

let states: HostState[];
let host: EngineHost;
beforeEach(async () => {
  vi.useFakeTimers();
  children.length = 0;
  channels.length = 0;
  states = [];
  host = new EngineHost(ENTRIES, planFor('cpu'), 'inside', (state) => states.push(state));
  host.start();
  await planned();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('gives a restarted engine a deadline of its own', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  host.restart();
  await planned();
  child(1).emit('message', LOADED);
  expect(host.state.status).toBe('ready');
  vi.advanceTimersByTime(10 * 60_000);
  expect(kill).not.toHaveBeenCalled();
});

it('ends an engine that does not load in time', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  vi.advanceTimersByTime(60_000);
  expect(kill.mock.calls).toEqual([[1000, 'SIGKILL']]);
});

it('does not believe an engine that was replaced', () => {
  host.restart();
  child(0).emit('message', LOADED);
  child(0).emit('exit', 0);
  expect(host.state.status).toBe('loading');
  expect(children).toHaveLength(2);
});

it('opens no pack that was changed since it was verified', async () => {
  vi.spyOn(process, 'kill').mockReturnValue(true);
  const message = 'target.onnx was altered: restore the voice pack from where it came.';
  const plan = { ...(await planFor('cpu')), check: vi.fn<() => Promise<void>>(async () => {}) };
  host = new EngineHost(ENTRIES, Promise.resolve(plan), 'inside', (state) => states.push(state));
  host.start();
  await planned();
  expect(plan.check).toHaveBeenCalledTimes(1);
  plan.check.mockRejectedValue(new FailureError('pack', message));
  host.restart();
  await planned();
  expect(host.state).toEqual({ status: 'failed', message });
});

it('outlives the end of V8 in the engine', () => {
  child(0).emit('message', LOADED);
  child(0).emit('error', 'FatalError', 'v8::Heap', '{}');
  child(0).emit('exit', 133);
  expect(children).toHaveLength(2);
});

it('starts a codec for an engine that wants one, in place of the last', async () => {
  child(0).emit('message', { type: 'codecWanted' });
  expect(child(1).postMessage.mock.calls).toEqual([[null, [end('first end')]]]);
  expect(child(0).postMessage).toHaveBeenCalledWith({ type: 'codec' }, [end('second end')]);
  child(0).emit('message', LOADED);
  child(1).emit('exit', 139);
  expect(host.state.status).toBe('ready');
  child(0).emit('message', { type: 'codecWanted' });
  child(0).emit('message', { type: 'codecWanted' });
  expect(children).toHaveLength(4);
  expect(child(2).kill).toHaveBeenCalled();
  await host.stop();
  expect(child(0).kill).toHaveBeenCalled();
  expect(child(3).kill).toHaveBeenCalled();
});

it('stops by force what does not hear', async () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    child(0).emit('exit', 137);
    return true;
  });
  child(0).kill.mockReturnValue(undefined);
  const stopped = host.stop();
  vi.advanceTimersByTime(2000);
  await stopped;
  expect(kill.mock.calls).toEqual([[1000, 'SIGKILL']]);
});

describe('on a GPU', () => {
  beforeEach(async () => {
    host = new EngineHost(ENTRIES, planFor('webgpu'), 'inside', (state) => states.push(state));
    children.length = 0;
    host.start();
    await vi.advanceTimersByTimeAsync(0);
  });
  const devices = () => children.map((_, i) => child(i).postMessage.mock.calls[0]?.[0].device);

  it.each([
    ['is lost', () => child(0).emit('message', { type: 'deviceLost', message: 'It is gone.' })],
    ['ends the process', () => child(0).emit('exit', 134)],
  ])('that %s, goes on with the CPU and says why', async (_, happen) => {
    expect(devices()).toEqual(['webgpu']);
    child(0).emit('message', { type: 'loaded', device: { name: 'webgpu', passedOver: [] } });
    happen();
    await vi.advanceTimersByTimeAsync(1000);
    expect(devices()).toEqual(['webgpu', 'cpu']);
    child(1).emit('message', LOADED);
    const { state } = host;
    if (state.status !== 'ready') throw new Error(`It is ${state.status}.`);
    expect(state.device.passedOver).toEqual([
      expect.stringMatching(/It is gone\.|ended while it used WebGPU, so the CPU is used/),
      'CUDA is not here.',
    ]);
  });
});

describe('a job', () => {
  let kill: ReturnType<typeof vi.spyOn>;
  const ready = async (device: string) => {
    await host.stop();
    host = new EngineHost(ENTRIES, planFor(device), 'inside', (state) => states.push(state));
    children.length = 0;
    channels.length = 0;
    host.start();
    await planned();
    child(0).emit('message', { ...LOADED, device: { ...LOADED.device, name: device } });
  };
  beforeEach(async () => {
    kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    await ready('cpu');
  });
  const speak = () => host.speak({} as never, () => undefined, new AbortController().signal);
  const pulseFor = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      vi.advanceTimersByTime(1000);
      jobPort(0).emit('message', { data: { type: 'pulse' } });
    }
  };

  it('that shows no sign of life for 8 s on the CPU ends the process, and says why', async () => {
    const outcome = expect(speak()).rejects.toThrow(/stopped unexpectedly and is being restarted/);
    vi.advanceTimersByTime(7000);
    expect(kill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(kill.mock.calls).toEqual([[1000, 'SIGKILL']]);
    child(0).emit('exit', 9);
    await outcome;
    expect(children).toHaveLength(2);
    expect(host.state.status).toBe('loading');
  });

  it('whose process turns may think for longer, but not for ever', () => {
    void speak().catch(() => undefined);
    pulseFor(14);
    expect(kill).not.toHaveBeenCalled();
    pulseFor(1);
    expect(kill.mock.calls).toEqual([[1000, 'SIGKILL']]);
  });

  it('may leave a GPU’s driver longer to compile a pass', async () => {
    await ready('webgpu');
    void speak().catch(() => undefined);
    vi.advanceTimersByTime(14_000);
    expect(kill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(kill).toHaveBeenCalledTimes(1);
  });

  it('that speaks now and then goes on, and one that is done is not watched', async () => {
    const spoken = speak();
    for (let second = 0; second < 40; second += 5) {
      vi.advanceTimersByTime(5000);
      jobPort(0).emit('message', { data: { type: 'notice', message: 'On it.' } });
    }
    jobPort(0).emit('message', { data: { type: 'done', result: { frames: 7 } } });
    expect(await spoken).toEqual({ frames: 7 });
    vi.advanceTimersByTime(60_000);
    expect(kill).not.toHaveBeenCalled();
  });
});

it('starts again at once after a death, with nothing but the start between them', async () => {
  child(0).emit('message', LOADED);
  child(0).emit('exit', 9);
  expect(children).toHaveLength(2);
  await planned();
  expect(child(1).postMessage.mock.calls[0]?.[0]).toMatchObject({ type: 'load', device: 'cpu' });
});

it('lets an engine go whose pack does not load', () => {
  child(0).emit('message', { type: 'failed', failure: { kind: 'pack', message: 'It is odd.' } });
  expect(host.state).toEqual({ status: 'failed', message: 'It is odd.' });
  expect(child(0).kill).toHaveBeenCalled();
  expect(children).toHaveLength(1);
});

it('after a third death promises no restart', async () => {
  for (let death = 0; death < 3; death++) {
    child(death).emit('exit', 1);
    vi.advanceTimersByTime(5000);
  }
  expect(children).toHaveLength(3);
  expect(states.at(-1)).toMatchObject({ status: 'failed' });
  await expect(host.ready(new AbortController().signal)).rejects.toThrow(/restart it to go on/);
});
