import { FailureError, toFailure } from '../../contract/failure';
import { type MessagePort, parentPort as mainPort, portChannel } from './channel';
import { DeviceLost, Engine, isCodecApart } from './engine';
import type {
  Channel,
  CodecCommand,
  CodecReport,
  InferenceCommand,
  InferenceReport,
  JobCommand,
  JobReport,
  SpeakRequest,
} from './messages';

const parentPort = mainPort as MessagePort;
const report = (message: InferenceReport) => parentPort.postMessage(message);

let engine: Engine | null = null;
/** Whether anything was asked of the engine yet. */
let asked = false;
/** Takes are decoded one after another: the models have one cache each. */
let queue = Promise.resolve();

function loadedEngine(): Engine {
  if (!engine) throw new FailureError('runtime', 'No voice pack is loaded yet.');
  return engine;
}

let codecCame: (channel: Channel<CodecCommand, CodecReport>) => void = () => {};

/** Only main can start a process here. */
function codecLink(): Promise<Channel<CodecCommand, CodecReport>> {
  return new Promise((resolve) => {
    codecCame = resolve;
    report({ type: 'codecWanted' });
  });
}

/** The process's memory, once what is read for drafting is there. */
function tellMemory(): void {
  report({ type: 'tuned', memoryBytes: process.memoryUsage.rss() });
}

/** A take reads what it needs and measures as well, so nobody is to wait for this. */
async function measure(): Promise<void> {
  const measured = engine;
  if (!measured || asked) return;
  await measured.readGroups();
  await measured.warmUp(() => asked);
  tellMemory();
  const tokensPerSecond = await measured.measurePlain(48, () => asked);
  if (tokensPerSecond !== null) report({ type: 'plainSpeed', tokensPerSecond });
}

const PULSE_MS = 1000;

/** Tells a job's port that this process turns, until the job, `ended`, is over. */
async function withPulse(port: MessagePort, ended: Promise<void>): Promise<void> {
  const pulse = setInterval(() => port.postMessage({ type: 'pulse' }), PULSE_MS);
  await ended;
  clearInterval(pulse);
}

/** Carries a job out, and tells its port how it ended. */
function runJob(
  port: MessagePort,
  work: (signal: AbortSignal) => Promise<JobReport>,
): Promise<void> {
  const cancel = new AbortController();
  port.on('message', ({ data }) => {
    if ((data as JobCommand).type === 'cancel') cancel.abort();
  });
  port.start?.();
  return work(cancel.signal)
    .catch((error): JobReport => {
      const failure = toFailure(error);
      if (error instanceof DeviceLost) report({ type: 'deviceLost', message: failure.message });
      return { type: 'failed', failure };
    })
    .then((last) => {
      port.postMessage(last);
      port.close();
    });
}

async function load(command: Extract<InferenceCommand, { type: 'load' }>): Promise<void> {
  try {
    await engine?.close();
    engine = await Engine.load(
      command.pack,
      command.device,
      isCodecApart(command.codec, command.device) ? codecLink : undefined,
    );
    const memoryBytes = process.memoryUsage.rss();
    report({ type: 'loaded', device: { ...engine.device, memoryBytes } });
    // In the queue, so that a take waits for the step under way: both use the target's one cache.
    queue = queue.then(() => measure().catch(() => undefined));
  } catch (error) {
    report({ type: 'failed', failure: toFailure(error) });
  }
}

function speak(request: SpeakRequest, port: MessagePort): Promise<void> {
  return runJob(port, async (signal) => {
    const result = await loadedEngine().speak(request, (event) => port.postMessage(event), {
      signal,
      probePlain: true,
    });
    tellMemory();
    return { type: 'done', result };
  });
}

function vocode(tokens: number[], voice: number, port: MessagePort): Promise<void> {
  return runJob(port, async () => {
    return { type: 'vocoded', samples: await loadedEngine().vocode(tokens, voice) };
  });
}

parentPort.on('message', ({ data, ports: [port] }) => {
  const command = data as InferenceCommand;
  switch (command.type) {
    case 'load':
      queue = queue.then(() => load(command));
      break;
    case 'speak':
      asked = true;
      // From now on, for it may wait for others.
      queue = withPulse(
        port,
        queue.then(() => speak(command.request, port)),
      );
      break;
    // A moment of sound need not wait for a long take.
    case 'vocode':
      asked = true;
      withPulse(port, vocode(command.tokens, command.voice, port));
      break;
    case 'codec':
      codecCame(portChannel(port));
      break;
    case 'shutdown':
      process.exit(0);
  }
});
