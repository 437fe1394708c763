import { expect, it } from 'vitest';
import type { Channel, CodecCommand, CodecPack, CodecReport } from './messages';
import { RemoteCodec } from './remote-codec';

const PACK: CodecPack = {
  codecDecoder: {
    file: '/codec.onnx',
    tokens: 'tokens',
    audio: 'audio',
    contextFrames: { before: 2, after: 1 },
  },
  sampleRate: 400,
  frameRate: 50,
};

const VOICE = 7;

/** A process that says what it is told to say. */
function fakeProcess() {
  const heard: CodecCommand[] = [];
  let listener: (report: CodecReport) => void = () => undefined;
  let closed: (() => void)[] = [];
  const die = () => {
    for (const one of closed.splice(0)) one();
  };
  const channel: Channel<CodecCommand, CodecReport> = {
    post: (command) => {
      heard.push(command);
      if (command.type === 'shutdown') queueMicrotask(die);
    },
    onMessage: (given) => {
      listener = given;
    },
    onClose: (given) => {
      closed = [...closed, given];
    },
    close: () => undefined,
  };
  return { channel, heard, die, say: (report: CodecReport) => listener(report) };
}

function open() {
  const processes: ReturnType<typeof fakeProcess>[] = [];
  const codec = new RemoteCodec(PACK, async () => {
    processes.push(fakeProcess());
    return processes[processes.length - 1].channel;
  });
  return { codec, processes };
}

const sound = (value: number): CodecReport => ({
  type: 'decoded',
  samples: Float32Array.of(value),
});
/** Until what was asked for is posted. */
const posted = () => new Promise(setImmediate);

it('gives sound back in the order it was asked for, with one thread for it', async () => {
  const { codec, processes } = open();
  const both = [codec.decode([1, 2], VOICE), codec.decode([3], VOICE)];
  await posted();
  expect(processes).toHaveLength(1);
  expect(processes[0].heard).toEqual([
    { type: 'open', pack: PACK, threads: 1 },
    { type: 'decode', tokens: [1, 2], voice: VOICE },
    { type: 'decode', tokens: [3], voice: VOICE },
  ]);
  processes[0].say(sound(1));
  processes[0].say(sound(2));
  expect(await Promise.all(both)).toEqual([Float32Array.of(1), Float32Array.of(2)]);
});

it('fails what a dead process was asked for, and starts another for what comes next', async () => {
  const { codec, processes } = open();
  const lost = [codec.decode([1], VOICE), codec.decode([2], VOICE)].map((one) =>
    expect(one).rejects.toThrow(/codec stopped unexpectedly: it is restarted/),
  );
  await posted();
  processes[0].die();
  await Promise.all(lost);
  const next = codec.decode([3], VOICE);
  await posted();
  expect(processes).toHaveLength(2);
  processes[1].say(sound(3));
  expect(await next).toEqual(Float32Array.of(3));
});

it('passes on what the graph failed of, and vocodes on', async () => {
  const { codec, processes } = open();
  const failed = expect(codec.decode([9], VOICE)).rejects.toThrow('no such token');
  const next = codec.decode([1], VOICE);
  await posted();
  processes[0].say({ type: 'failed', failure: { kind: 'runtime', message: 'no such token' } });
  processes[0].say(sound(1));
  await failed;
  expect(await next).toEqual(Float32Array.of(1));
});

it('is released when its process is gone, and at once when there is none', async () => {
  const { codec, processes } = open();
  await codec.release();
  expect(processes).toHaveLength(0);
  const done = codec.decode([1], VOICE);
  await posted();
  processes[0].say(sound(1));
  await done;
  await codec.release();
  expect(processes[0].heard.at(-1)).toEqual({ type: 'shutdown' });
});
