import { MessageChannelMain } from 'electron';
import log from 'electron-log/main';
import type { DeviceReport } from '../contract/engine';
import { FailureError, toFailure } from '../contract/failure';
import { Deaths, TOO_MANY_DEATHS } from './engine-deaths';
import type {
  CodecPlace,
  Device,
  EnginePack,
  InferenceCommand,
  InferenceReport,
  JobReport,
  SpeakEvent,
  SpeakRequest,
  SpeakResult,
} from './inference/messages';
import { PROVIDERS } from './inference/providers';
import { type UtilityChild, utilityChild } from './utility-child';
import { Watchdog } from './watchdog';

/** A process that loads for longer hangs; it is ended. */
const LOAD_SECONDS = 60;
/** A job that brings nothing for so long hangs: a device that never answers, a codec that is stopped. */
const WORD_SECONDS = 15;
/**
 * A process that works tells every second that it turns, between two passes. One that does not is
 * stopped, or hangs in a graph: with a tenth of two cores' time the default pack's event loop stood
 * still for 1.1 s at most, loading included. A GPU's driver compiles programs within a pass.
 */
const PULSE_SECONDS = { processor: 8, gpu: WORD_SECONDS };
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
  /** Rejects once a file of the pack is no longer what was verified. */
  check: () => Promise<void>;
  /** Whether the CPU may take over when the device ends the process; not when the user named it. */
  mayFallBack: boolean;
};

type Job = { fail(error: FailureError): void };

/** What a job's port brings beside signs of life. */
type Word = Exclude<JobReport, { type: 'pulse' }>;

/** An inference process, and the codec's that has a port to it. */
type Processes = {
  inference: UtilityChild<InferenceCommand, InferenceReport>;
  codec: UtilityChild<null, never> | null;
};

/** `device` is where the models are, or are being opened. */
type Life =
  /** Not started yet, or stopped for good. */
  | { status: 'idle' }
  /** The plan is waited for. */
  | { status: 'starting'; processes: Processes }
  | {
      status: 'loading';
      processes: Processes;
      plan: EnginePlan;
      device: Device;
      watchdog: Watchdog;
    }
  | {
      status: 'ready';
      processes: Processes;
      plan: EnginePlan;
      device: Device;
      report: DeviceReport;
      plainTokensPerSecond: number | null;
    }
  | { status: 'failed'; message: string };

/**
 * Starts the inference process, hands it work, and restarts it when it dies. A graph cannot be
 * interrupted from within, so deadlines and the kill live here.
 */
export class EngineHost {
  private life: Life = { status: 'idle' };
  private readonly jobs = new Set<Job>();
  private readonly waiting = new Set<() => void>();
  private readonly deaths = new Deaths();
  /** Why the CPU stands in for a device that was chosen. */
  private lost: string | null = null;

  constructor(
    /** The built entries of the inference process and of its codec's. */
    private readonly entries: { inference: string; codec: string },
    /** Resolves when its files are verified; the process starts meanwhile. */
    private readonly plan: Promise<EnginePlan>,
    private readonly codecPlace: CodecPlace,
    private readonly onState: (state: HostState) => void,
  ) {}

  get state(): HostState {
    const { life } = this;
    switch (life.status) {
      case 'ready': {
        const { report, plainTokensPerSecond } = life;
        return { status: 'ready', device: report, plainTokensPerSecond };
      }
      case 'failed':
        return life;
      default:
        return { status: 'loading' };
    }
  }

  start(): void {
    const inference: Processes['inference'] = utilityChild(this.entries.inference, 'inference');
    const processes: Processes = { inference, codec: null };
    this.enter({ status: 'starting', processes });
    // One that was replaced may still have something to say.
    inference.onMessage((report) => this.processes === processes && this.hear(processes, report));
    inference.onClose((code) => this.processes === processes && this.bury(code));
    void this.load(processes);
  }

  /** A pack that cannot be loaded is told of by whoever loads it; one that was changed since, here. */
  private async load(processes: Processes): Promise<void> {
    const plan = await this.plan.catch(() => null);
    if (!plan || this.processes !== processes) return;
    const changed = await plan.check().then(() => null, toFailure);
    if (this.processes !== processes) return;
    if (changed !== null) {
      this.enter({ status: 'failed', message: changed.message });
      processes.inference.kill();
      return;
    }
    const device = this.lost === null ? (plan.device.name as Device) : 'cpu';
    const watchdog = new Watchdog(LOAD_SECONDS, () => {
      log.warn('inference: loading took too long');
      processes.inference.kill();
    });
    this.enter({ status: 'loading', processes, plan, device, watchdog });
    processes.inference.post({ type: 'load', pack: plan.pack, device, codec: this.codecPlace });
  }

  /** Starts anew after `failed`, or in place of what runs now. */
  restart(): void {
    this.deaths.forget();
    this.renew('The engine was restarted.');
  }

  private renew(why: string): void {
    const { processes } = this;
    this.start();
    if (processes) void end(processes);
    this.failJobs(why);
  }

  /** Resolves when its processes are gone. */
  async stop(): Promise<void> {
    const { processes } = this;
    this.enter({ status: 'idle' });
    if (processes) await end(processes);
  }

  /** Resolves once work can be given; rejects when the engine has failed or `signal` aborts. */
  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { life } = this;
        if (signal.aborted) reject(new FailureError('cancelled', 'Cancelled before it began.'));
        else if (life.status === 'failed') reject(new FailureError('runtime', life.message));
        else if (life.status === 'ready') resolve();
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
    return this.job({ type: 'speak', request }, signal, (word) => {
      if (word.type === 'done') return { result: word.result };
      if (word.type !== 'vocoded' && word.type !== 'failed') listen(word);
      return null;
    });
  }

  /** Vocodes `tokens` at once in the voice of that token, [frames] → samples. Rejects as `speak` does. */
  vocode(tokens: number[], voice: number): Promise<Float32Array> {
    return this.job({ type: 'vocode', tokens, voice }, null, (word) =>
      word.type === 'vocoded' ? { result: word.samples } : null,
    );
  }

  private job<T>(
    command: InferenceCommand,
    signal: AbortSignal | null,
    take: (word: Word) => { result: T } | null,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { life } = this;
      if (life.status !== 'ready') {
        reject(new FailureError('runtime', 'The engine is not ready yet: try again in a moment.'));
        return;
      }
      const { inference } = life.processes;
      const { port1, port2 } = new MessageChannelMain();
      const bite = () => {
        log.warn('inference: no sign of life from a job; ending the process');
        inference.kill();
      };
      const words = new Watchdog(WORD_SECONDS, bite);
      const pulse = new Watchdog(
        PULSE_SECONDS[PROVIDERS[life.device].isProcessor ? 'processor' : 'gpu'],
        bite,
      );
      const cancel = () => port1.postMessage({ type: 'cancel' });
      const over = () => {
        words.stop();
        pulse.stop();
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
        pulse.heard();
        if (data.type === 'pulse') return;
        words.heard();
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
      inference.post(command, [port2]);
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  private hear(processes: Processes, report: InferenceReport): void {
    const { life } = this;
    switch (report.type) {
      case 'codecWanted':
        this.startCodec(processes);
        break;
      case 'plainSpeed':
        if (life.status !== 'ready') break;
        this.enter({ ...life, plainTokensPerSecond: report.tokensPerSecond });
        break;
      case 'tuned': {
        if (life.status !== 'ready') break;
        const { memoryBytes } = report;
        this.enter({ ...life, report: { ...life.report, memoryBytes } });
        break;
      }
      case 'deviceLost':
        this.lost = report.message;
        log.warn(`inference: ${report.message}`);
        // A turn later: the job's own failure is on its way, and says the same.
        setImmediate(() => this.processes === processes && this.renew(report.message));
        break;
      case 'failed':
        this.enter({ status: 'failed', message: report.failure.message });
        void end(processes);
        break;
      case 'loaded': {
        if (life.status !== 'loading') break;
        const { plan, device } = life;
        const passedOver = [...(this.lost ? [this.lost] : []), ...plan.device.passedOver];
        this.enter({
          status: 'ready',
          processes,
          plan,
          device,
          report: { ...report.device, passedOver },
          plainTokensPerSecond: null,
        });
      }
    }
  }

  /** The inference process asks for one when it first vocodes, and when the last one has died. */
  private startCodec(processes: Processes): void {
    if (processes.codec) void gone(processes.codec);
    const codec: UtilityChild<null, never> = utilityChild(this.entries.codec, 'codec');
    processes.codec = codec;
    codec.onClose((code) => {
      if (codec !== processes.codec) return;
      processes.codec = null;
      if (this.processes === processes) log.warn(`codec: the process ended (${code})`);
    });
    const { port1, port2 } = new MessageChannelMain();
    codec.post(null, [port1]);
    processes.inference.post({ type: 'codec' }, [port2]);
  }

  /** The inference process has died of itself, or was ended because it hung. */
  private bury(code: number): void {
    const { life } = this;
    log.warn(`inference: the process ended (${code})`);
    if ((life.status === 'loading' || life.status === 'ready') && life.plan.mayFallBack) {
      const { isProcessor, label } = PROVIDERS[life.device];
      if (!isProcessor) this.lost = `The engine ended while it used ${label}, so the CPU is used.`;
    }
    if (this.deaths.count()) {
      this.start();
      this.failJobs('The engine stopped unexpectedly and is being restarted.');
    } else {
      this.enter({ status: 'failed', message: TOO_MANY_DEATHS });
      this.failJobs(TOO_MANY_DEATHS);
    }
  }

  private failJobs(message: string): void {
    for (const job of [...this.jobs]) job.fail(new FailureError('runtime', message));
  }

  /** Those that run; null where none does. */
  private get processes(): Processes | null {
    return 'processes' in this.life ? this.life.processes : null;
  }

  /** The one way from a state to the next. Waiting for a plan and loading are told of as one. */
  private enter(life: Life): void {
    const before = this.state;
    if (this.life.status === 'loading') this.life.watchdog.stop();
    this.life = life;
    for (const look of [...this.waiting]) look();
    if (before.status !== 'loading' || this.state.status !== 'loading') this.onState(this.state);
  }
}

/** Resolves when both are gone. */
async function end({ inference, codec }: Processes): Promise<void> {
  inference.post({ type: 'shutdown' });
  await Promise.all([gone(inference), codec && gone(codec)]);
}

/** Ends a process and resolves when it is gone; one that does not hear is ended by force. */
function gone(
  child: Pick<UtilityChild<never, never>, 'pid' | 'close' | 'kill' | 'onClose'>,
): Promise<void> {
  if (child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill(), END_DEADLINE_MS);
    child.onClose(() => {
      clearTimeout(force);
      resolve();
    });
    child.close();
  });
}
