import {
  MessageChannelMain,
  type MessagePortMain,
  type UtilityProcess,
  utilityProcess,
} from 'electron';
import log from 'electron-log/main';
import type { DeviceReport } from '../contract/engine';
import { FailureError, toFailure } from '../contract/failure';
import {
  type CodecPlace,
  DEVICE_NAMES,
  type Device,
  type EnginePack,
  type InferenceCommand,
  type InferenceReport,
  type JobReport,
  type SpeakEvent,
  type SpeakRequest,
  type SpeakResult,
} from './inference/messages';

/** A process that says nothing for so long while it loads or works hangs; it is ended. */
const LOAD_DEADLINE_MS = 60_000;
const SILENCE_DEADLINE_MS = 15_000;
/** After so many deaths within the window, nobody restarts it unasked. */
const MOST_DEATHS = 3;
const DEATHS_WINDOW_MS = 5 * 60_000;
const FIRST_RESTART_MS = 200;
/** One that is asked to end has so long. */
const END_DEADLINE_MS = 2000;

/** Life of the inference process, as its supervisor sees it. */
export type HostState =
  | { status: 'loading' }
  | { status: 'ready'; device: DeviceReport; plainTokensPerSecond: number | null }
  | { status: 'failed'; message: string };

/** What to load, and where. */
export type EnginePlan = {
  pack: EnginePack;
  device: Pick<DeviceReport, 'name' | 'passedOver'>;
  /** Whether the CPU may take over when the device ends the process; not when the user named it. */
  mayFallBack: boolean;
};

type Job = { fail(error: FailureError): void };

/**
 * Starts the inference process, hands it work, and restarts it when it dies. A graph cannot be
 * interrupted from within, so deadlines and the kill live here.
 */
export class EngineHost {
  private child: UtilityProcess | null = null;
  /** Vocodes for `child`, which has a port to it. */
  private codec: UtilityProcess | null = null;
  private readonly jobs = new Set<Job>();
  private readonly waiting = new Set<() => void>();
  private deaths: number[] = [];
  /** Where the models are, or are being opened. */
  private device: Device = 'cpu';
  /** Why the CPU stands in for a device that was chosen. */
  private lost: string | null = null;
  /** Null until it is known. */
  private settled: EnginePlan | null = null;
  private loading: NodeJS.Timeout | null = null;
  private stopped = false;
  private current: HostState = { status: 'loading' };

  constructor(
    /** The built entries of the inference process and of its codec's. */
    private readonly entries: { inference: string; codec: string },
    /** Resolves when its files are verified; the process starts meanwhile. */
    private readonly plan: Promise<EnginePlan>,
    private readonly codecPlace: CodecPlace,
    private readonly onState: (state: HostState) => void,
  ) {}

  get state(): HostState {
    return this.current;
  }

  start(): void {
    this.enter({ status: 'loading' });
    const child = startProcess(this.entries.inference, 'inference');
    this.child = child;
    child.on('message', (report: InferenceReport) => {
      // One that was replaced may still have something to say.
      if (child === this.child) this.hear(report);
    });
    child.on('exit', (code) => this.buried(child, code));
    void this.load(child);
    this.loaded();
  }

  /** A pack that cannot be loaded is told of by whoever loads it. */
  private async load(child: UtilityProcess): Promise<void> {
    const plan = await this.plan.catch(() => null);
    if (!plan || child !== this.child) return;
    this.device = this.lost === null ? (plan.device.name as Device) : 'cpu';
    this.settled = plan;
    this.post({ type: 'load', pack: plan.pack, device: this.device, codec: this.codecPlace });
    this.loading = setTimeout(() => {
      log.warn('inference: loading took too long');
      this.kill();
    }, LOAD_DEADLINE_MS);
  }

  /** Starts anew after `failed`, or in place of what runs now. */
  restart(): void {
    this.deaths = [];
    this.renew('The engine was restarted.');
  }

  private renew(why: string): void {
    const { child } = this;
    this.child = null;
    if (child) void this.end(child);
    this.failJobs(why);
    this.start();
  }

  /** Resolves when its processes are gone. */
  async stop(): Promise<void> {
    this.stopped = true;
    const { child, codec } = this;
    await Promise.all([child && this.end(child), codec && gone(codec)]);
  }

  /** Resolves once work can be given; rejects when the engine has failed or `signal` aborts. */
  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (signal.aborted) reject(new FailureError('cancelled', 'Cancelled before it began.'));
        else if (this.current.status === 'failed') {
          reject(new FailureError('runtime', this.current.message));
        } else if (this.current.status === 'ready') resolve();
        else return;
        this.waiting.delete(look);
        signal.removeEventListener('abort', look);
      };
      this.waiting.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }

  /**
   * Decodes a request. `listen` gets its events in order. Rejects with a `runtime` failure when the
   * process dies or falls silent; what was heard until then was true.
   */
  speak(
    request: SpeakRequest,
    listen: (event: SpeakEvent) => void,
    signal: AbortSignal,
  ): Promise<SpeakResult> {
    return this.job({ type: 'speak', request }, signal, (report) => {
      if (report.type === 'done') return { result: report.result };
      if (report.type !== 'vocoded' && report.type !== 'failed') listen(report);
      return null;
    });
  }

  /** Vocodes `tokens` at once in the voice of that token, [frames] → samples. Rejects as `speak` does. */
  vocode(tokens: number[], voice: number): Promise<Float32Array> {
    return this.job({ type: 'vocode', tokens, voice }, null, (report) =>
      report.type === 'vocoded' ? { result: report.samples } : null,
    );
  }

  private job<T>(
    command: InferenceCommand,
    signal: AbortSignal | null,
    take: (report: JobReport) => { result: T } | null,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.current.status !== 'ready') {
        reject(new FailureError('runtime', 'The engine is not ready yet: try again in a moment.'));
        return;
      }
      const { port1, port2 } = new MessageChannelMain();
      let watchdog: NodeJS.Timeout;
      const watch = () => {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => {
          log.warn('inference: no word from a job; ending the process');
          this.kill();
        }, SILENCE_DEADLINE_MS);
      };
      const cancel = () => port1.postMessage({ type: 'cancel' });
      const over = () => {
        clearTimeout(watchdog);
        signal?.removeEventListener('abort', cancel);
        this.jobs.delete(job);
        port1.close();
      };
      const job: Job = {
        fail: (error) => {
          over();
          reject(error);
        },
      };
      this.jobs.add(job);
      port1.on('message', ({ data }: { data: JobReport }) => {
        watch();
        if (data.type === 'failed') {
          job.fail(new FailureError(data.failure.kind, data.failure.message));
          return;
        }
        const done = take(data);
        if (!done) return;
        over();
        resolve(done.result);
      });
      port1.start();
      watch();
      this.post(command, [port2]);
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  private post(command: InferenceCommand, ports: MessagePortMain[] = []): void {
    this.child?.postMessage(command, ports);
  }

  private hear(report: InferenceReport): void {
    if (report.type === 'codecWanted') {
      this.startCodec();
      return;
    }
    if (report.type === 'plainSpeed' || report.type === 'tuned') {
      if (this.current.status === 'ready') this.enter(measuredAs(this.current, report));
      return;
    }
    if (report.type === 'deviceLost') {
      this.lost = report.message;
      log.warn(`inference: ${report.message}`);
      // A turn later: the job's own failure is on its way, and says the same.
      setImmediate(() => this.renew(report.message));
      return;
    }
    this.loaded();
    if (report.type === 'failed') {
      this.enter({ status: 'failed', message: report.failure.message });
      return;
    }
    const { device } = report;
    const passedOver = [
      ...(this.lost ? [this.lost] : []),
      ...(this.settled?.device.passedOver ?? []),
    ];
    this.enter({ status: 'ready', device: { ...device, passedOver }, plainTokensPerSecond: null });
  }

  /** The inference process asks for one when it first vocodes, and when the last one has died. */
  private startCodec(): void {
    if (this.stopped) return;
    if (this.codec) void gone(this.codec);
    const codec = startProcess(this.entries.codec, 'codec');
    this.codec = codec;
    codec.on('exit', (code) => {
      if (codec !== this.codec || this.stopped) return;
      this.codec = null;
      log.warn(`codec: the process ended (${code})`);
    });
    const { port1, port2 } = new MessageChannelMain();
    codec.postMessage(null, [port1]);
    this.post({ type: 'codec' }, [port2]);
  }

  private loaded(): void {
    if (this.loading) clearTimeout(this.loading);
    this.loading = null;
  }

  private buried(child: UtilityProcess, code: number): void {
    if (child !== this.child || this.stopped) return;
    this.child = null;
    this.loaded();
    log.warn(`inference: the process ended (${code})`);
    if (this.device !== 'cpu' && this.settled?.mayFallBack) {
      this.lost = `The engine ended while it used ${DEVICE_NAMES[this.device]}, so the CPU is used.`;
    }
    const now = Date.now();
    this.deaths = [...this.deaths.filter((at) => now - at < DEATHS_WINDOW_MS), now];
    if (this.deaths.length >= MOST_DEATHS) {
      const message = `The engine stopped ${MOST_DEATHS} times within five minutes: restart it to go on.`;
      this.enter({ status: 'failed', message });
      this.failJobs(message);
    } else {
      this.enter({ status: 'loading' });
      setTimeout(() => this.revive(), FIRST_RESTART_MS * 2 ** (this.deaths.length - 1));
      this.failJobs('The engine stopped unexpectedly and is being restarted.');
    }
  }

  private revive(): void {
    if (!this.child && !this.stopped && this.current.status === 'loading') this.start();
  }

  private failJobs(message: string): void {
    for (const job of [...this.jobs]) job.fail(new FailureError('runtime', message));
  }

  private enter(state: HostState): void {
    this.current = state;
    for (const look of [...this.waiting]) look();
    this.onState(state);
  }

  private end(child: UtilityProcess): Promise<void> {
    child.postMessage({ type: 'shutdown' } satisfies InferenceCommand);
    return gone(child);
  }

  private kill(): void {
    if (this.child) forceEnd(this.child);
  }
}

type Ready = Extract<HostState, { status: 'ready' }>;
type Measured = Extract<InferenceReport, { type: 'plainSpeed' | 'tuned' }>;

function measuredAs(ready: Ready, report: Measured): Ready {
  if (report.type === 'plainSpeed') {
    return { ...ready, plainTokensPerSecond: report.tokensPerSecond };
  }
  const { drafting, memoryBytes } = report;
  return { ...ready, device: { ...ready.device, drafting, memoryBytes } };
}

function startProcess(entry: string, name: 'inference' | 'codec'): UtilityProcess {
  const child = utilityProcess.fork(entry, [], {
    serviceName: `timbrel-${name}`,
    stdio: 'pipe',
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => log.info(`${name}: ${String(text).trimEnd()}`));
  }
  // V8's own end, such as for want of memory; `exit` follows. Without a listener it may throw.
  child.on('error', (type, location) => log.error(`${name}: ${type} at ${location}`));
  return child;
}

/** Ends a process and resolves when it is gone; one that does not hear is ended by force. */
function gone(child: UtilityProcess): Promise<void> {
  if (child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => forceEnd(child), END_DEADLINE_MS);
    child.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    child.kill();
  });
}

/** A hanging or stopped process does not hear a polite signal. */
function forceEnd({ pid }: UtilityProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    log.warn(`process ${pid}: ${toFailure(error).message}`);
  }
}
