import { type Failure, FailureError, toFailure } from '../contract/failure';
import type { JobEvent } from '../contract/job';
import type { Pronunciation } from '../contract/pronunciation';
import type { SpeakSettings } from '../contract/settings';
import type { Take } from '../contract/take';
import { groupStatistics } from './decoding/groups';
import type { SpeakEvent, SpeakRequest, SpeakResult } from './inference/messages';
import type { Pack } from './packs/pack';
import { speakRequest } from './speak-request';
import { recordedLookaheads } from './takes/recorded-lookaheads';
import type { TakeRecorder } from './takes/recorder';
import type { TakeDraft } from './takes/store';

/** Where a job's events go besides the take: the page's end of its port. */
export type JobPort = { post(event: JobEvent): void; close(): void };

export type JobRequest = {
  text: string;
  settings: SpeakSettings;
  pair: string | null;
  /** Of the project that the take is made for. */
  pronunciations?: Pronunciation[];
};

type Speak = (
  request: SpeakRequest,
  listen: (event: SpeakEvent) => void,
  signal: AbortSignal,
) => Promise<Pick<SpeakResult, 'cancelled' | 'wallMs' | 'firstSoundMs' | 'plainTokensPerSecond'>>;

/** What jobs need of the rest of main. */
export type JobWorld = {
  pack: Pack;
  /** The device in use, or null before the engine is ready. */
  device: () => string | null;
  speak: Speak;
  /** Resolves when the engine can work; rejects with why it cannot, or when aborted. */
  ready: (signal: AbortSignal) => Promise<void>;
  begin: (draft: TakeDraft) => Promise<TakeRecorder>;
  /** Those that are kept, newest first. */
  takes: () => readonly Take[];
  openPort: (job: string) => JobPort;
  newId: () => string;
  /** How fast plain decoding is under the load that takes are made in. */
  onPlainSpeed: (tokensPerSecond: number) => void;
};

const MOST_QUEUED = 50;

/**
 * The queue of takes to generate. Everything that is generated is on its way to the disk before it
 * goes to the page, so that neither a closed window nor a dead engine loses sound.
 */
export class Jobs {
  private readonly cancels = new Map<string, AbortController>();
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly world: JobWorld) {}

  /** Queues a take. Rejects, and makes no take, when the text or the settings cannot be spoken. */
  async enqueue(request: JobRequest): Promise<{ job: string; take: string }> {
    const job = this.world.newId();
    return { job, take: await this.add(request, job, () => this.world.openPort(job)) };
  }

  /**
   * Queues a take and resolves when it has ended, whatever became of it. `job` is a new name, by
   * which it is cancelled. Rejects as `enqueue` does.
   */
  run(request: JobRequest, job: string): Promise<Take> {
    return new Promise((resolve, reject) => {
      const post = (event: JobEvent) => {
        if (event.type === 'ended') resolve(event.take);
      };
      this.add(request, job, () => ({ post, close: () => undefined })).catch(reject);
    });
  }

  /** Returns the take's id. */
  private async add(request: JobRequest, job: string, openPort: () => JobPort): Promise<string> {
    const { pack } = this.world;
    this.refuseAnother(job);
    const { text, settings, pronunciations } = request;
    const fresh = speakRequest(pack, text, settings, pronunciations);
    const draft = takeDraft(pack, request, this.world.device());
    // A take that was made before, be it elsewhere, comes again.
    const lookaheads = recordedLookaheads(this.world.takes(), draft, fresh.pieces);
    const speak = { ...fresh, lookaheads };
    const cancel = new AbortController();
    // Before the disk is waited for: calls that come meanwhile count it, and a quit cancels it.
    this.cancels.set(job, cancel);
    const recorder = await this.world.begin(draft).catch((error) => {
      this.cancels.delete(job);
      throw error;
    });
    const port = openPort();
    this.tail = this.tail.then(async () => {
      await new JobRun(this.world, speak, recorder, port, cancel).run();
      this.cancels.delete(job);
    });
    return recorder.take.id;
  }

  /** Speaks when what is queued has ended, and makes no take. Rejects as `enqueue` does. */
  async hear({ text, settings, pronunciations }: Omit<JobRequest, 'pair'>): Promise<Float32Array> {
    const { pack, ready, speak, newId } = this.world;
    const [job, cancel] = [newId(), new AbortController()];
    this.refuseAnother(job);
    const request = speakRequest(pack, text, settings, pronunciations);
    this.cancels.set(job, cancel);
    const heard = this.tail.then(async () => {
      const parts: Float32Array[] = [];
      await ready(cancel.signal);
      await speak(
        request,
        (event) => event.type === 'audio' && parts.push(event.samples),
        cancel.signal,
      );
      return joined(parts);
    });
    const over = () => void this.cancels.delete(job);
    this.tail = heard.then(over, over);
    return heard;
  }

  /** Of everything that is queued, whatever it is for. A name used twice would count once. */
  private refuseAnother(job: string): void {
    if (this.cancels.size >= MOST_QUEUED) {
      throw new FailureError('usage', `At most ${MOST_QUEUED} takes can wait: let some finish.`);
    }
    if (this.cancels.has(job)) {
      throw new FailureError('usage', 'A take of this name is queued already: let it finish.');
    }
  }

  cancel(job: string): void {
    this.cancels.get(job)?.abort();
  }

  cancelAll(): void {
    for (const cancel of this.cancels.values()) cancel.abort();
  }

  /** Resolves when everything queued has ended. */
  async settled(): Promise<void> {
    await this.tail;
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function takeDraft(pack: Pack, request: JobRequest, device: string | null): TakeDraft {
  const { text, settings, pair, pronunciations } = request;
  const { id, name, sampleRate, frameRate } = pack.summary;
  return {
    name: takeName(text),
    pair,
    text,
    settings,
    pack: { id, name, sha256: pack.sha256, sampleRate, frameRate },
    device: device ?? 'unknown',
    meanGroupSize: groupStatistics(pack.neighbours, settings.theta).meanSize,
    ...(pronunciations?.length ? { pronunciations } : {}),
  };
}

/** The first words of the text. */
function takeName(text: string): string {
  const words = text.trim().split(/\s+/);
  let name = '';
  for (const word of words) {
    if (`${name} ${word}`.length > 42) return name ? `${name}…` : `${word.slice(0, 41)}…`;
    name = name ? `${name} ${word}` : word;
  }
  return name;
}

/** One take on its way. */
class JobRun {
  private writes: Promise<unknown> = Promise.resolve();
  private storageFailure: Failure | null = null;
  private frames = 0;

  constructor(
    private readonly world: JobWorld,
    private readonly request: SpeakRequest,
    private readonly recorder: TakeRecorder,
    private readonly port: JobPort,
    private readonly cancel: AbortController,
  ) {}

  async run(): Promise<void> {
    const outcome = await this.speak();
    await this.writes.catch(() => undefined);
    const take = await this.end(outcome);
    this.port.post({ type: 'ended', take, failure: outcome });
    this.port.close();
  }

  /** How it failed, or null. */
  private async speak(): Promise<Failure | null> {
    const { signal } = this.cancel;
    try {
      await this.world.ready(signal);
      this.port.post({ type: 'started', take: this.recorder.take });
      const result = await this.world.speak(this.request, (event) => this.hear(event), signal);
      const { counters } = this.recorder.take;
      this.recorder.progress(counters, this.frames, result.wallMs, result.firstSoundMs);
      if (this.storageFailure) return this.storageFailure;
      if (result.cancelled) return { kind: 'cancelled', message: 'Cancelled.' };
      if (result.plainTokensPerSecond !== null) {
        this.recorder.plainSpeed(result.plainTokensPerSecond);
        this.world.onPlainSpeed(result.plainTokensPerSecond);
      }
      return null;
    } catch (error) {
      return this.storageFailure ?? toFailure(error);
    }
  }

  private hear(event: SpeakEvent): void {
    switch (event.type) {
      case 'audio':
        this.write(this.recorder.audio(event.samples));
        break;
      case 'rounds':
        this.write(this.recorder.rounds(event.rounds));
        break;
      case 'piece':
        this.recorder.piece(event.piece);
        return;
      case 'notice':
        this.recorder.notice(event.message);
        break;
      case 'progress':
        this.frames = event.frames;
        this.recorder.progress(
          event.counters,
          event.frames,
          event.elapsedMs,
          this.recorder.take.firstSoundMs,
        );
        break;
    }
    this.port.post(event);
  }

  /** What cannot be kept is not generated on: the take ends and says why. */
  private write(writing: Promise<void>): void {
    this.writes = Promise.all([
      this.writes,
      writing.catch((error) => {
        this.storageFailure ??= toFailure(error);
        this.cancel.abort();
      }),
    ]);
  }

  private end(failure: Failure | null): Promise<Take> {
    if (failure === null) return this.recorder.end('finished', null);
    if (failure.kind === 'cancelled') return this.recorder.end('cancelled', null);
    const kept = this.frames > 0 ? ' What was finished is kept.' : '';
    return this.recorder.end('failed', `${failure.message}${kept}`);
  }
}
