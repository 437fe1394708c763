import type { EngineState } from '../contract/engine';
import { FailureError, toFailure } from '../contract/failure';
import type { GroupMember } from '../contract/pack';
import { groupsAt } from './decoding/groups';
import { EngineHost, type HostState } from './engine-host';
import type { DeviceChoice } from './inference/messages';
import { type JobPort, Jobs } from './jobs';
import { loadPack, type Pack } from './packs/pack';
import { swapExcerpt } from './swap';
import { openTakes, type Sound, type TakeStore } from './takes/store';

/** Where the studio finds and keeps its things, and whom it tells. */
export type StudioOptions = {
  packFolder: string;
  takesFolder: string;
  /** The built entry of the inference process. */
  inferenceEntry: string;
  device: DeviceChoice;
  version: string;
  openPort: (job: string) => JobPort;
  newId: () => string;
  onEngine: (state: EngineState) => void;
  onTakes: () => void;
};

type Loaded = { pack: Pack; host: EngineHost; jobs: Jobs };

/** Everything the window works with, without a window: the pack, its engine, the takes, the queue. */
export class Studio {
  private loaded: Loaded | null = null;
  private current: EngineState = { status: 'loading', message: 'Checking the voice pack…' };
  private plainTokensPerSecond: number | null = null;

  private constructor(
    private readonly options: StudioOptions,
    readonly takes: TakeStore,
  ) {
    takes.onChanged(options.onTakes);
  }

  static async open(options: StudioOptions): Promise<Studio> {
    const { takesFolder, version } = options;
    const studio = new Studio(options, await openTakes(takesFolder, { version }));
    void studio.load();
    return studio;
  }

  get engine(): EngineState {
    return this.current;
  }

  get enginePid(): number | undefined {
    return this.loaded?.host.pid;
  }

  /** Reads the pack again if that is what failed; else starts the inference process anew. */
  restartEngine(): void {
    if (this.loaded) this.loaded.host.restart();
    else void this.load();
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
    return Array.from({ length: groups.size(token) }, (_, i) => ({
      token: groups.member(token, i),
      cosine: i === 0 ? 1 : neighbours.cosines[neighbours.offsets[token] + i - 1],
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
    const samples = await host.vocode(excerpt.tokens);
    const samplesPerFrame = sampleRate / frameRate;
    return {
      sampleRate,
      samples: samples.slice(excerpt.from * samplesPerFrame, excerpt.to * samplesPerFrame),
    };
  }

  /** Ends what runs, keeping its sound. */
  async close(): Promise<void> {
    if (!this.loaded) return;
    this.loaded.jobs.cancelAll();
    await this.loaded.jobs.settled();
    this.loaded.host.stop();
  }

  private get parts(): Loaded {
    if (this.loaded) return this.loaded;
    const { current } = this;
    if (current.status === 'failed') {
      throw new FailureError(current.failure.kind, current.failure.message);
    }
    throw new FailureError(
      'runtime',
      'The voice pack is still being loaded: try again in a moment.',
    );
  }

  private async load(): Promise<void> {
    const { packFolder, inferenceEntry, device } = this.options;
    this.enter({ status: 'loading', message: 'Checking the voice pack…' });
    try {
      const pack = await loadPack(packFolder);
      const host = new EngineHost(inferenceEntry, pack.engine, device, (state) =>
        this.hear(pack, state),
      );
      this.loaded = { pack, host, jobs: this.openJobs(pack, host) };
      host.start();
    } catch (error) {
      this.enter({ status: 'failed', failure: toFailure(error) });
    }
  }

  private openJobs(pack: Pack, host: EngineHost): Jobs {
    return new Jobs({
      pack,
      device: () => (host.state.status === 'ready' ? host.state.device.name : null),
      speak: (request, listen, signal) => host.speak(request, listen, signal),
      ready: (signal) => host.ready(signal),
      begin: (draft) => this.takes.begin(draft),
      openPort: this.options.openPort,
      newId: this.options.newId,
      onPlainTake: (tokensPerSecond) => {
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
        this.enter({ status: 'failed', failure: { kind: 'runtime', message: state.message } });
        break;
      case 'ready':
        this.plainTokensPerSecond ??= state.plainTokensPerSecond;
        this.enter({
          status: 'ready',
          pack: pack.summary,
          device: state.device,
          plainTokensPerSecond: this.plainTokensPerSecond,
        });
    }
  }

  private enter(state: EngineState): void {
    this.current = state;
    this.options.onEngine(state);
  }
}
