import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

const { children } = vi.hoisted(() => ({ children: [] as unknown[] }));
vi.mock('electron', () => ({
  MessageChannelMain: class {
    port1 = 'codec’s end';
    port2 = 'engine’s end';
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
const LOADED = {
  type: 'loaded',
  device: { name: 'cpu', half: false, draftsOnCpu: false, passedOver: [] },
};

const ENTRIES = { inference: 'inference.js', codec: 'codec.js' };

const planFor = async (name: string): Promise<EnginePlan> => ({
  pack: {} as EnginePack,
  device: { name, passedOver: ['CUDA is not here.'] },
  mayFallBack: true,
});

let states: HostState[];
let host: EngineHost;
beforeEach(() => {
  vi.useFakeTimers();
  children.length = 0;
  states = [];
  host = new EngineHost(ENTRIES, planFor('cpu'), 'inside', (state) => states.push(state));
  host.start();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('gives a restarted engine a deadline of its own', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  host.restart();
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

it('outlives the end of V8 in the engine', () => {
  child(0).emit('message', LOADED);
  child(0).emit('error', 'FatalError', 'v8::Heap', '{}');
  child(0).emit('exit', 133);
  vi.advanceTimersByTime(200);
  expect(children).toHaveLength(2);
});

it('starts a codec for an engine that wants one, in place of the last', async () => {
  child(0).emit('message', { type: 'codecWanted' });
  expect(child(1).postMessage.mock.calls).toEqual([[null, ['codec’s end']]]);
  expect(child(0).postMessage).toHaveBeenCalledWith({ type: 'codec' }, ['engine’s end']);
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

it('after a third death promises no restart', async () => {
  for (let death = 0; death < 3; death++) {
    child(death).emit('exit', 1);
    vi.advanceTimersByTime(5000);
  }
  expect(children).toHaveLength(3);
  expect(states.at(-1)).toMatchObject({ status: 'failed' });
  await expect(host.ready(new AbortController().signal)).rejects.toThrow(/restart it to go on/);
});
