import { FailureError, toFailure } from '../../contract/failure';
import { Engine } from './engine';
import type {
  InferenceCommand,
  InferenceReport,
  JobCommand,
  JobReport,
  SpeakRequest,
} from './messages';

/** What of Electron's ports this process uses; it imports nothing of Electron itself. */
type Port<Received, Sent> = {
  on(event: 'message', listener: (message: { data: Received; ports: JobPort[] }) => void): void;
  postMessage(message: Sent): void;
};
type JobPort = Port<JobCommand, JobReport> & { start(): void; close(): void };

const { parentPort } = process as unknown as {
  parentPort: Port<InferenceCommand, InferenceReport>;
};

let engine: Engine | null = null;
/** Takes are decoded one after another: the models have one cache each. */
let queue = Promise.resolve();

function loadedEngine(): Engine {
  if (!engine) throw new FailureError('runtime', 'No voice pack is loaded yet.');
  return engine;
}

/** Carries a job out, and tells its port how it ended. */
function runJob(port: JobPort, work: (signal: AbortSignal) => Promise<JobReport>): Promise<void> {
  const cancel = new AbortController();
  port.on('message', ({ data }) => {
    if (data.type === 'cancel') cancel.abort();
  });
  port.start();
  return work(cancel.signal)
    .catch((error): JobReport => ({ type: 'failed', failure: toFailure(error) }))
    .then((last) => {
      port.postMessage(last);
      port.close();
    });
}

async function load(command: Extract<InferenceCommand, { type: 'load' }>): Promise<void> {
  try {
    await engine?.close();
    engine = await Engine.load(command.pack, command.device);
    const plainTokensPerSecond = await engine.measurePlain();
    parentPort.postMessage({ type: 'loaded', device: engine.device, plainTokensPerSecond });
  } catch (error) {
    parentPort.postMessage({ type: 'failed', failure: toFailure(error) });
  }
}

function speak(request: SpeakRequest, port: JobPort): Promise<void> {
  return runJob(port, async (signal) => {
    const result = await loadedEngine().speak(request, (event) => port.postMessage(event), {
      signal,
      probePlain: true,
    });
    return { type: 'done', result };
  });
}

function vocode(tokens: number[], port: JobPort): Promise<void> {
  return runJob(port, async () => {
    return { type: 'vocoded', samples: await loadedEngine().vocode(tokens) };
  });
}

parentPort.on('message', ({ data, ports: [port] }) => {
  switch (data.type) {
    case 'load':
      queue = queue.then(() => load(data));
      break;
    case 'speak':
      queue = queue.then(() => speak(data.request, port));
      break;
    // A moment of sound need not wait for a long take.
    case 'vocode':
      vocode(data.tokens, port);
      break;
    case 'shutdown':
      process.exit(0);
  }
});
