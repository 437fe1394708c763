import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packagedVersion } from '../packaged-library';
import { useLibrary } from './api';
import { Binding } from './binding';
import { Owner } from './handle';
import { loadLibrary, loadLibraryFrom } from './library';
import { Session } from './session';
import { CpuTensor } from './tensor';

const CODEC = fileURLToPath(new URL('../../../tests/data/synthetic-codec.onnx', import.meta.url));

function open(): Session {
  const session = Session.open(CODEC, { threads: 1 });
  onTestFinished(() => session.release());
  return session;
}

/** What the codec is fed and gives for so many frames. */
function tensors(frames: number) {
  return {
    inputs: {
      tokens: new CpuTensor('int64', [1, frames]),
      voice: new CpuTensor('int64', [1]),
    },
    outputs: { audio: new CpuTensor('float32', [1, 8 * frames]) },
  };
}

describe('a session', () => {
  it('says what it takes and gives', () => {
    const { inputs, outputs } = open();
    expect(inputs).toEqual([
      { name: 'tokens', type: 'int64', shape: [1, 'frames'] },
      { name: 'voice', type: 'int64', shape: [1] },
    ]);
    expect(outputs).toEqual([{ name: 'audio', type: 'float32', shape: [1, 'samples'] }]);
  });

  it('writes into the tensors that are bound, run after run', () => {
    const { inputs, outputs } = tensors(3);
    const binding = new Binding(open(), { inputs, outputs });
    onTestFinished(() => binding.release());
    binding.run();
    const before = outputs.audio.data.slice();
    expect(before.some((sample) => sample !== 0)).toBe(true);
    inputs.tokens.data.set([5n, 6n, 7n]);
    binding.run();
    expect(outputs.audio.data).not.toEqual(before);
    inputs.tokens.data.fill(0n);
    binding.run();
    expect(outputs.audio.data).toEqual(before);
  });

  it('names the function and says why a graph does not open', () => {
    const nowhere = () => Session.open('/nowhere/graph.onnx', { threads: 1 });
    expect(nowhere).toThrow(/^CreateSession: .*graph\.onnx/);
    const noGraph = () => Session.open(Buffer.from('no graph'), { threads: 1 });
    expect(noGraph).toThrow(/^CreateSessionFromArray: /);
    const noProvider = () => Session.open(CODEC, { threads: 1, provider: { name: 'Abacus' } });
    expect(noProvider).toThrow(/^SessionOptionsAppendExecutionProvider: /);
  });
});

describe('what goes wrong', () => {
  it('is an error for a wrong shape, type, name or token', () => {
    const session = open();
    const bound = (change: Partial<Record<string, CpuTensor>>) => {
      const { inputs, outputs } = tensors(3);
      const binding = new Binding(session, {
        inputs: { ...inputs, ...(change as Record<string, CpuTensor>) },
        outputs,
      });
      onTestFinished(() => binding.release());
      return binding;
    };
    expect(() => bound({ voice: new CpuTensor('int64', [2]) }).run()).toThrow(/^RunWithBinding: /);
    expect(() => bound({ voice: new CpuTensor('int32', [1]) }).run()).toThrow(/^RunWithBinding: /);
    expect(() => bound({ tokens: new CpuTensor('int64', [1, 4]) }).run()).toThrow(
      /^RunWithBinding: /,
    );
    expect(() => bound({ other: new CpuTensor('int64', [1]) })).toThrow(/^BindInput: /);
    const far = new CpuTensor('int64', [1]);
    far.data[0] = 10_000n;
    expect(() => bound({ voice: far }).run()).toThrow(/^RunWithBinding: .*indices/s);
    expect(() => new CpuTensor('float32', [-1])).toThrow();
  });

  it('is an error for what was released', () => {
    const { inputs, outputs } = tensors(1);
    const session = Session.open(CODEC, { threads: 1 });
    inputs.voice.release();
    inputs.voice.release();
    expect(() => new Binding(session, { inputs, outputs })).toThrow('This Value was released.');
    const whole = tensors(1);
    const binding = new Binding(session, whole);
    for (const tensor of [...Object.values(whole.inputs), whole.outputs.audio]) tensor.release();
    // What is bound stays until the binding goes.
    binding.run();
    binding.release();
    expect(() => binding.run()).toThrow('This RunOptions was released.');
    session.release();
    expect(() => new Binding(session, tensors(1))).toThrow('This Session was released.');
  });

  it('is an error for a library that does not load, or is another', () => {
    expect(() => loadLibraryFrom('/nowhere/libonnxruntime.so.1')).toThrow(
      'ONNX Runtime could not be loaded from /nowhere/libonnxruntime.so.1.',
    );
    expect(() => loadLibraryFrom(process.execPath)).toThrow(/could not be loaded/);
    expect(loadLibrary().version).toBe(packagedVersion());
    open();
    expect(() => useLibrary('/nowhere')).toThrow('ONNX Runtime is in use already.');
  });
});

it('gives back all that it makes: ten thousand tensors and bindings leave no more memory than a thousand', () => {
  const session = open();
  const round = () => {
    const owner = new Owner();
    const { inputs, outputs } = tensors(16);
    for (const one of [...Object.values(inputs), outputs.audio]) owner.own(one);
    owner.own(new Binding(session, { inputs, outputs })).run();
    owner.release();
  };
  const grown = (rounds: number) => {
    const before = process.memoryUsage.rss();
    for (let i = 0; i < rounds; i++) round();
    return process.memoryUsage.rss() - before;
  };
  grown(2000);
  const most = Math.max(grown(10_000), 0);
  // A binding alone takes more than a kilobyte: without being given back they would take twenty times as much.
  expect(most).toBeLessThan(16 * 2 ** 20);
});

it('gives back sessions: a hundred that are opened and released leave no more memory than a few', () => {
  const round = () => Session.open(CODEC, { threads: 1 }).release();
  for (let i = 0; i < 50; i++) round();
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 300; i++) round();
  expect(process.memoryUsage.rss() - before).toBeLessThan(16 * 2 ** 20);
});
