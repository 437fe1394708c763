import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import log from 'electron-log/main';
import type { EngineState } from '../contract/engine';
import { FailureError, toFailure } from '../contract/failure';
import type { GroupMember } from '../contract/pack';
import type { WordTime } from '../contract/word-time';
import { wordTimes } from './alignment/word-times';
import { cacheFolder } from './cache-folder';
import { groupsAt } from './decoding/groups';
import { chooseDevice } from './devices/choose-device';
import { trialKey } from './devices/drivers';
import { Verdicts } from './devices/verdicts';
import { EngineHost, type EnginePlan, type HostState } from './engine-host';
import type {
  CodecPlace,
  CopyCommand,
  CopyReport,
  DeviceChoice,
  TrialCommand,
  TrialReport,
} from './inference/messages';
import { type JobPort, Jobs } from './jobs';
import { AdmittedPacks, admitPack, type VerifiedPack } from './packs/admission';
import { MappedCopies } from './packs/mapped-copies';
import { loadPack, type Pack } from './packs/pack';
import { VerifiedFiles } from './packs/verified-files';
import { verifyFiles } from './packs/verify';
import { swapExcerpt } from './swap';
import { openTakes, type Sound, type TakeStore } from './takes/store';
import { utilityChild } from './utility-child';

/** Where the studio finds and keeps its things, and whom it tells. */
export type StudioOptions = {
  packFolder: string;
  /** Whether the pack is part of the installed program, whose folders stay as they were installed. */
  isPackInstalled: boolean;
  takesFolder: string;
  /** The folder of the built entries of other processes. */
  entries: string;
  device: DeviceChoice;
  codec: CodecPlace;
  version: string;
  openPort: (job: string) => JobPort;
  newId: () => string;
  onEngine: (state: EngineState) => void;
  onTakes: () => void;
};

/** A take that is not over by then is found as an interrupted one at the next start. */
const CLOSE_DEADLINE_MS = 3000;

const CHECKING = { status: 'loading', message: 'Checking the voice pack…' } as const;

/** An engine whose process begins, and what to call once it is known what to load there. */
type Starting = { host: EngineHost; verified: (plan: Promise<EnginePlan>) => void };

type Loaded = { pack: Pack; host: EngineHost; jobs: Jobs };

const verifiedFiles = () => new VerifiedFiles(join(cacheFolder(), 'verified-files.json'));

function entriesIn(folder: string) {
  return { inference: join(folder, 'inference.js'), codec: join(folder, 'codec.js') };
}

/** Everything the window works with, without a window: the pack, its engine, the takes, the queue. */
export class Studio {
  private loaded: Loaded | null = null;
  private current: EngineState = CHECKING;
  private plainTokensPerSecond: number | null = null;
  private store: TakeStore | null = null;
  private wasReady = false;
  private copies: MappedCopies | null = null;

  constructor(private readonly options: StudioOptions) {}

  /** Opens the takes and begins to load the pack; what fails shows in `engine`. */
  async open(): Promise<void> {
    const { takesFolder, version, onTakes } = this.options;
    this.enter(CHECKING);
    const starting = this.startEngine();
    try {
      this.store = await openTakes(takesFolder, { version });
    } catch (error) {
      void starting.host.stop();
      this.enter({ status: 'failed', failure: toFailure(error) });
      return;
    }
    for (const { message } of this.store.setAside) log.warn(message);
    this.store.onChanged(onTakes);
    onTakes();
    void this.load(starting);
  }

  get engine(): EngineState {
    return this.current;
  }

  /** Tries again what failed: the takes' folder, the pack, or the inference process. */
  restartEngine(): void {
    // Twice in a row would open the takes or start an engine twice.
    if (this.current.status === 'loading') return;
    if (!this.store) void this.open();
    else if (!this.loaded) void this.load(this.startEngine());
    else this.loaded.host.restart();
  }

  /** Where takes are kept. */
  get takesFolder(): string {
    return this.options.takesFolder;
  }

  get takes(): TakeStore {
    if (!this.store) throw this.notReady();
    return this.store;
  }

  get pack(): Pack {
    return this.parts.pack;
  }

  get jobs(): Jobs {
    return this.parts.jobs;
  }

  /** Members of G(token) at θ, the token first. */
  group(token: number, theta: number): GroupMember[] {
    const { neighbours, summary } = this.pack;
    if (theta < summary.thetaFloor) {
      throw new FailureError(
        'usage',
        `The groups of this pack reach down to ${summary.thetaFloor}.`,
      );
    }
    if (token >= neighbours.tokens) return [{ token, cosine: 1 }];
    const groups = groupsAt(neighbours, theta);
    const { offsets, cosines, one } = neighbours;
    return Array.from({ length: groups.size(token) }, (_, i) => ({
      token: groups.member(token, i),
      cosine: i === 0 ? 1 : cosines[offsets[token] + i - 1] / one,
    }));
  }

  /** The moment of a take around a frame, with another token in it. */
  async hearSwap(take: string, frame: number, token: number): Promise<Sound> {
    const { pack, host } = this.parts;
    const stored = this.takes.get(take);
    if (stored.pack.sha256 !== pack.sha256) {
      throw new FailureError(
        'pack',
        `This take was made with another voice pack, ${stored.pack.name}.`,
      );
    }
    if (token >= pack.summary.codebookSize) {
      throw new FailureError('usage', `Token ${token} is not in the codebook of this pack.`);
    }
    const { frameRate, sampleRate } = pack.summary;
    const { contextFrames } = pack.engine.codecDecoder;
    const rounds = await this.takes.readRounds(take);
    const excerpt = swapExcerpt(rounds, { frame, token }, { frameRate, contextFrames });
    const samples = await host.vocode(excerpt.tokens, pack.voiceToken(stored.settings.voice));
    const samplesPerFrame = sampleRate / frameRate;
    return {
      sampleRate,
      samples: samples.slice(excerpt.from * samplesPerFrame, excerpt.to * samplesPerFrame),
    };
  }

  /** Where the words of a take are heard, by what the loaded pack makes of its text. */
  async wordTimes(id: string): Promise<WordTime[]> {
    const { frontEnd } = this.pack;
    const sound = await this.takes.readSound(id);
    const { pieces, pack, pronunciations } = this.takes.get(id);
    return wordTimes({ ...sound, pieces, frameRate: pack.frameRate }, (text) =>
      frontEnd.words(text, pronunciations),
    );
  }

  /** Ends what runs, keeping its sound. An engine that does not answer in time is ended too. */
  async close(): Promise<void> {
    if (!this.loaded) return;
    const { jobs, host } = this.loaded;
    jobs.cancelAll();
    await Promise.race([jobs.settled(), setTimeout(CLOSE_DEADLINE_MS)]);
    await host.stop();
  }

  private get parts(): Loaded {
    if (!this.loaded) throw this.notReady();
    return this.loaded;
  }

  private notReady(): FailureError {
    const { current } = this;
    return current.status === 'failed'
      ? new FailureError(current.failure.kind, current.failure.message)
      : new FailureError('runtime', 'Timbrel is still loading: try again in a moment.');
  }

  /** Its process takes longest to begin, so it starts while takes and the pack's files are read. */
  private startEngine(): Starting {
    const { entries, codec } = this.options;
    let verified: Starting['verified'] = () => undefined;
    const plan = new Promise<EnginePlan>((resolve) => {
      verified = resolve;
    });
    const host = new EngineHost(entriesIn(entries), plan, codec, (state) => {
      if (this.loaded?.host === host) this.hear(this.loaded.pack, state);
    });
    host.start();
    return { host, verified };
  }

  private async load({ host, verified }: Starting): Promise<void> {
    this.enter(CHECKING);
    try {
      // The models are loaded while the dictionary is read.
      let plan: Promise<EnginePlan> | null = null;
      const pack = await loadPack(this.options.packFolder, {
        verified: verifiedFiles(),
        onVerified: (found) => {
          plan = this.plan(found);
          verified(plan);
        },
      });
      this.loaded = { pack, host, jobs: this.openJobs(pack, host) };
      this.hear(pack, host.state);
      // Its graphs may be refused.
      await plan;
    } catch (error) {
      this.loaded = null;
      void host.stop();
      this.enter({ status: 'failed', failure: toFailure(error) });
    }
  }

  private async plan(pack: VerifiedPack): Promise<EnginePlan> {
    const { entries, device: choice, version, isPackInstalled } = this.options;
    const start = () => utilityChild<TrialCommand, TrialReport>(join(entries, 'trial.js'), 'trial');
    await admitPack(pack, { start, admitted: new AdmittedPacks(cacheFolder()) });
    const { engine, sha256 } = pack;
    const device = await chooseDevice(engine, choice, {
      start,
      verdicts: new Verdicts(join(cacheFolder(), 'device-trials.json'), trialKey(sha256, version)),
    });
    this.copies = new MappedCopies(pack, cacheFolder(), !isPackInstalled);
    const found = await this.copies.find({ ...engine, gpu: device.use });
    const check = () => verifyFiles(pack.folder, pack.manifest.files, verifiedFiles());
    return { pack: found, device, check, mayFallBack: choice === 'auto' };
  }

  private openJobs(pack: Pack, host: EngineHost): Jobs {
    return new Jobs({
      pack,
      device: () => (host.state.status === 'ready' ? host.state.device.name : null),
      speak: (request, listen, signal) => host.speak(request, listen, signal),
      ready: (signal) => host.ready(signal),
      begin: (draft) => this.takes.begin(draft),
      takes: () => this.takes.list(),
      openPort: this.options.openPort,
      newId: this.options.newId,
      onPlainSpeed: (tokensPerSecond) => {
        this.plainTokensPerSecond = tokensPerSecond;
        this.hear(pack, host.state);
      },
    });
  }

  private hear(pack: Pack, state: HostState): void {
    switch (state.status) {
      case 'loading':
        this.enter({ status: 'loading', message: 'Loading the models…' });
        break;
      case 'failed':
        this.enter({
          status: 'failed',
          failure: new FailureError('runtime', state.message).failure,
        });
        break;
      case 'ready':
        this.plainTokensPerSecond ??= state.plainTokensPerSecond;
        this.tellHowLong();
        // Not before everything was measured, which another process would disturb.
        if (this.plainTokensPerSecond !== null) void this.makeCopies(pack);
        this.enter({
          status: 'ready',
          pack: pack.summary,
          device: state.device,
          plainTokensPerSecond: this.plainTokensPerSecond,
        });
    }
  }

  /** Once, for the next launch. */
  private async makeCopies(pack: Pack): Promise<void> {
    const { copies } = this;
    this.copies = null;
    const start = () =>
      utilityChild<CopyCommand, CopyReport>(join(this.options.entries, 'copy.js'), 'copy');
    const objection = await copies?.make(pack.engine, start);
    if (objection) log.warn(objection);
  }

  /** Once: from the start of the app's process. */
  private tellHowLong(): void {
    if (this.wasReady) return;
    this.wasReady = true;
    log.info(`ready ${Math.round(process.uptime() * 1000)} ms after the start`);
  }

  private enter(state: EngineState): void {
    this.current = state;
    this.options.onEngine(state);
  }
}
