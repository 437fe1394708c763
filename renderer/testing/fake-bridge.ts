import type {
  Bridge,
  CallInput,
  CallName,
  CallOutput,
  PageEvents,
  Reply,
} from '../../contract/calls';
import type { Counters } from '../../contract/counters';
import type { CudaState } from '../../contract/cuda';
import type { EngineState } from '../../contract/engine';
import { type Failure, FailureError, toFailure } from '../../contract/failure';
import { JOB_PORT_MESSAGE, type JobEvent } from '../../contract/job';
import type { PackSummary } from '../../contract/pack';
import { DEFAULT_PREFERENCES, type Preferences } from '../../contract/preferences';
import { LINES_AT_ONCE, type Line, type OpenedProject, type Project } from '../../contract/project';
import { frameCount, type JudgedDraft, type Round } from '../../contract/rounds';
import type { SpeakSettings } from '../../contract/settings';
import type { Take } from '../../contract/take';
import type { TextReport } from '../../contract/text';
import type { WordTime } from '../../contract/word-time';
import { fakeListening } from './fake-listening';

/** Small numbers for the examples: mulberry32, uniform in [0, 1). */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SAMPLE_RATE = 16_000;
const FRAME_RATE = 50;
const SAMPLES_PER_FRAME = SAMPLE_RATE / FRAME_RATE;
const CODEBOOK = 4096;
const FRAMES_PER_CHARACTER = 3.2;
const FLOOR = 0.3;

/** Mean group size at θ: falls smoothly from about 120 at the floor to 1. */
const meanSizeAt = (theta: number) => 1 + 119 * ((1 - theta) / (1 - FLOOR)) ** 3;

export const examplePack: PackSummary = {
  id: 'example',
  sha256: '0'.repeat(64),
  name: 'Example voices',
  licence: 'CC0-1.0',
  sampleRate: SAMPLE_RATE,
  frameRate: FRAME_RATE,
  codebookSize: CODEBOOK,
  voices: [
    { name: 'alto', description: 'Woman, American English' },
    { name: 'tenor', description: 'Man, American English' },
    { name: 'bass', description: 'Man, Scottish English' },
  ],
  thetaFloor: FLOOR,
  defaults: { theta: 0.4, lookahead: 3, temperature: 0.8, topP: 1 },
  groups: Array.from({ length: Math.round((1 - FLOOR) * 100) + 1 }, (_, step) => {
    const theta = Math.round((FLOOR + step / 100) * 100) / 100;
    const meanSize = meanSizeAt(theta);
    return {
      theta,
      meanSize,
      medianSize: Math.max(1, Math.round(meanSize * 0.8)),
      singletons: Math.round(CODEBOOK * ((theta - FLOOR) / (1 - FLOOR)) ** 2),
      bytes: Math.round(CODEBOOK * (meanSize - 1) * 2),
    };
  }),
};

export const readyEngine: EngineState = {
  status: 'ready',
  pack: examplePack,
  device: {
    name: 'cpu',
    label: 'CPU',
    half: false,
    draftsOnCpu: false,
    passedOver: ['WebGPU was passed over: no adapter was found on this machine.'],
  },
  plainTokensPerSecond: 121,
};

export const absentCuda: CudaState = {
  status: 'absent',
  host: 'pypi.org',
  downloadBytes: 731_612_363,
  installedBytes: 1_001_253_016,
  problem: null,
};

export const exampleSettings: SpeakSettings = {
  voice: 'alto',
  method: 'pcg',
  theta: 0.4,
  lookahead: 3,
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 7,
};

const noCounts: Counters = {
  rounds: 0,
  drafted: 0,
  accepted: 0,
  rejected: 0,
  ignored: 0,
  recovered: 0,
  bonus: 0,
  committed: 0,
  targetCalls: 0,
  draftCalls: 0,
};

function draftRound(settings: SpeakSettings, frame: number, uniform: () => number): Round {
  const token = () => Math.floor(uniform() * CODEBOOK);
  if (settings.method === 'plain') {
    return {
      piece: 0,
      frame,
      judged: [],
      ignored: [],
      drawn: { token: token(), kind: 'bonus' },
      ended: false,
    };
  }
  const judged: JudgedDraft[] = [];
  const ignored: number[] = [];
  // As if the costs of steps here spoke for three or four drafts.
  const lookahead = settings.lookahead === 'adaptive' ? 3 + (frame % 2) : settings.lookahead;
  for (let drafted = 0; drafted < lookahead; drafted += 1) {
    if (judged.at(-1)?.accepted === false) {
      ignored.push(token());
      continue;
    }
    const u = uniform();
    const ratio = 0.2 + 1.3 * uniform();
    const size = Math.max(1, Math.round(meanSizeAt(settings.theta) * 2 * uniform()));
    const massRatio = size === 1 ? ratio : 0.45 + 0.4 * ratio + 0.3 * uniform();
    const draft = token();
    const byToken = u < ratio;
    const byGroup = u < massRatio;
    judged.push({
      token: draft,
      accepted: settings.method === 'pcg' ? byGroup : byToken,
      byToken,
      byGroup,
      ratio,
      massRatio,
      group: size === 1 ? draft : token(),
      groupSize: size,
    });
  }
  const kind = judged.at(-1)?.accepted === false ? 'recovered' : 'bonus';
  return { piece: 0, frame, judged, ignored, drawn: { token: token(), kind }, ended: false };
}

function count(counters: Counters, round: Round, method: SpeakSettings['method']): Counters {
  const accepted = round.judged.filter((draft) => draft.accepted).length;
  const drafted = round.judged.length + round.ignored.length;
  return {
    rounds: counters.rounds + 1,
    drafted: counters.drafted + drafted,
    accepted: counters.accepted + accepted,
    rejected: counters.rejected + round.judged.length - accepted,
    ignored: counters.ignored + round.ignored.length,
    recovered: counters.recovered + (round.drawn?.kind === 'recovered' ? 1 : 0),
    bonus: counters.bonus + (round.drawn?.kind === 'bonus' ? 1 : 0),
    committed: counters.committed + accepted + (round.drawn ? 1 : 0),
    targetCalls: counters.targetCalls + 1,
    draftCalls: counters.draftCalls + (method === 'plain' ? 0 : drafted),
  };
}

/** A buzz with syllables: enough for a waveform to look like speech and be heard. */
function soundOf(frames: number, startFrame: number, pitch: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(frames * SAMPLES_PER_FRAME);
  for (let index = 0; index < samples.length; index += 1) {
    const seconds = startFrame / FRAME_RATE + index / SAMPLE_RATE;
    const syllable = Math.max(0, Math.sin(seconds * 11) * Math.sin(seconds * 2.3 + 1)) ** 0.6;
    const glide = pitch * (1 + 0.06 * Math.sin(seconds * 1.7));
    const phase = 2 * Math.PI * glide * seconds;
    samples[index] = 0.35 * syllable * (Math.sin(phase) + 0.5 * Math.sin(3 * phase));
  }
  return samples;
}

/** Words as long as their share of the characters, the two voices not quite alike. */
function wordTimesOf({ text, frames, settings }: Take): WordTime[] {
  const seconds = frames / FRAME_RATE;
  const lead = settings.voice === 'alto' ? 0.1 : 0.2;
  return Array.from(text.matchAll(/\S+/g), ({ 0: word, index }) => {
    const at = (place: number) => lead + (place / text.length) * (seconds - lead);
    const start = at(index);
    return { text: word, start, end: at(index + word.length), phones: [start] };
  });
}

type StoredTake = { take: Take; samples: Float32Array<ArrayBuffer>; rounds: Round[] };
type Job = { id: string; take: Take; port: MessagePort; run: 'queued' | 'running' | 'over' };

export type FakeBridge = {
  bridge: Bridge;
  /** Calls received so far, newest last. */
  calls: { name: CallName; input: unknown }[];
  /** Sends a message of main to the page. */
  send<E extends keyof PageEvents>(event: E, value: PageEvents[E]): void;
  /** Makes the next call of this name answer with a failure. */
  failNext(name: CallName, failure: Failure): void;
  /** The inference process dies: the running take keeps what it has. */
  crash(): void;
};

type FakeOptions = {
  engine?: EngineState;
  preferences?: Partial<Preferences>;
  /** Finished takes to begin with. */
  takes?: (Pick<Take, 'text' | 'settings'> & { pack?: Take['pack'] })[];
  /** Pause between rounds; 0 still yields between them. */
  roundMs?: number;
  /** Whether a job's port reaches the page before or after the reply to `generate`. */
  portArrives?: 'before-reply' | 'after-reply';
  /** Whether there is a feed, and the later version in it, or null. */
  update?: { version: string } | null;
  /** What opening a project finds. */
  project?: Project;
};

const EMPTY_PROJECT: Project = { schema: 1, pronunciations: [], lines: [] };

/** A bridge with takes in memory and a scripted engine, for tests and the preview page. */
export function createFakeBridge({
  engine = readyEngine,
  preferences = {},
  takes: examples = [],
  roundMs = 0,
  portArrives = 'after-reply',
  update,
  project: opened = EMPTY_PROJECT,
}: FakeOptions = {}): FakeBridge {
  const received: FakeBridge['calls'] = [];
  const failures = new Map<CallName, Failure>();
  const listeners = new Map<keyof PageEvents, Set<(value: never) => void>>();
  const stored = new Map<string, StoredTake>();
  const removed = new Map<string, StoredTake>();
  const jobs: Job[] = [];
  let state = engine;
  let kept: Preferences = { ...DEFAULT_PREFERENCES, ...preferences };
  let made = 0;
  let cuda = absentCuda;
  let fetchStopped = false;
  let project = opened;
  const staged = new Map<string, Line>();

  const send: FakeBridge['send'] = (event, value) => {
    for (const listener of listeners.get(event) ?? [])
      (listener as (v: typeof value) => void)(value);
  };
  const setEngine = (next: EngineState) => {
    state = next;
    send('engineChanged', next);
  };

  const setCuda = (next: CudaState) => {
    cuda = next;
    send('cudaChanged', next);
  };

  const newTake = (text: string, settings: SpeakSettings, pair: string | null): Take => {
    made += 1;
    return {
      schema: 1,
      id: `example-take-${String(made).padStart(4, '0')}`,
      name: text.trim().split(/\s+/).slice(0, 6).join(' '),
      createdAt: new Date(Date.UTC(2026, 0, 1, 9, made)).toISOString(),
      starred: false,
      status: 'generating',
      problem: null,
      pair,
      text,
      settings,
      pack: {
        id: examplePack.id,
        name: examplePack.name,
        sha256: examplePack.sha256,
        sampleRate: SAMPLE_RATE,
        frameRate: FRAME_RATE,
      },
      device: 'cpu',
      meanGroupSize: meanSizeAt(settings.theta),
      counters: noCounts,
      frames: 0,
      pieces: [],
      notices: [],
      wallMs: 0,
      firstSoundMs: null,
      plainTokensPerSecond: null,
    };
  };

  const expectedFramesOf = (text: string) =>
    Math.max(10, Math.round(text.trim().length * FRAMES_PER_CHARACTER));
  const pitchOf = (voice: string) => (voice === 'alto' ? 190 : 110);

  /** One round of a take; returns the sound it added. */
  const advance = (entry: StoredTake, uniform: () => number) => {
    const { take } = entry;
    const round = draftRound(take.settings, take.frames, uniform);
    const added = frameCount(round);
    const samples = soundOf(added, take.frames, pitchOf(take.settings.voice));
    const joined = new Float32Array(entry.samples.length + samples.length);
    joined.set(entry.samples);
    joined.set(samples, entry.samples.length);
    entry.samples = joined;
    entry.rounds.push(round);
    entry.take = {
      ...take,
      frames: take.frames + added,
      counters: count(take.counters, round, take.settings.method),
      wallMs: take.wallMs + Math.max(roundMs, 12),
      firstSoundMs: take.firstSoundMs ?? 180,
    };
    return { round, samples };
  };
  const finish = (entry: StoredTake, status: Take['status'], problem: string | null) => {
    const end = status === 'finished' ? 'endOfSpeech' : 'cancelled';
    const { text, frames } = entry.take;
    entry.take = {
      ...entry.take,
      status,
      problem,
      pieces: [{ text, startFrame: 0, frames, end, lookaheads: '' }],
    };
  };

  for (const { text, settings, pack } of examples) {
    const made = newTake(text, settings, null);
    const take = { ...made, pack: pack ?? made.pack };
    const entry: StoredTake = { take, samples: new Float32Array(0), rounds: [] };
    const uniform = seededUniform(settings.seed);
    while (entry.take.frames < expectedFramesOf(text)) advance(entry, uniform);
    finish(entry, 'finished', null);
    stored.set(take.id, entry);
  }

  const end = (job: Job, failure: Failure | null) => {
    job.run = 'over';
    const entry = find(job.take.id);
    tell(job, { type: 'ended', take: entry.take, failure });
    void runNext();
  };
  const tell = ({ port }: Job, event: JobEvent) => port.postMessage(event);

  const runNext = async () => {
    if (jobs.some((job) => job.run === 'running')) return;
    const job = jobs.find((waiting) => waiting.run === 'queued');
    if (!job) return;
    job.run = 'running';
    const entry = find(job.take.id);
    const uniform = seededUniform(entry.take.settings.seed);
    const expectedFrames = expectedFramesOf(entry.take.text);
    tell(job, { type: 'started', take: entry.take });
    while (entry.take.frames < expectedFrames) {
      await new Promise((resolve) => setTimeout(resolve, roundMs));
      if ((job as Job).run === 'over') return;
      const { round, samples } = advance(entry, uniform);
      tell(job, { type: 'rounds', rounds: [round] });
      tell(job, { type: 'audio', samples });
      tell(job, {
        type: 'progress',
        counters: entry.take.counters,
        frames: entry.take.frames,
        expectedFrames,
        piece: 0,
        pieces: 1,
        elapsedMs: entry.take.wallMs,
      });
    }
    finish(entry, 'finished', null);
    end(job, null);
  };

  const find = (id: string): StoredTake => {
    const entry = stored.get(id);
    if (!entry) throw new FailureError('usage', 'That take is no longer there.');
    return entry;
  };
  const change = (id: string, part: Partial<Take>): Take => {
    const entry = find(id);
    entry.take = { ...entry.take, ...part };
    return entry.take;
  };

  const open = (path: string, opened: Project): OpenedProject => {
    project = opened;
    staged.clear();
    const name = path.replace(/^.*\/|\.timbrel$/g, '');
    const { lines, pronunciations } = project;
    return { path, name, lines: lines.length, pronunciations, notice: null };
  };

  const handlers: {
    [N in CallName]: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>>;
  } = {
    getState: () => ({
      version: '0.1.0',
      engine: state,
      preferences: kept,
      canUpdate: update !== undefined,
    }),
    openChromiumLicences: () => undefined,
    checkForUpdate: () => update ?? null,
    downloadUpdate: () => send('updateProgress', 1),
    cancelUpdate: () => undefined,
    installUpdate: () => undefined,
    restartEngine: () => {
      setEngine({ status: 'loading', message: 'Starting the engine again' });
      setTimeout(() => setEngine(readyEngine), roundMs * 20);
    },
    getCuda: () => cuda,
    fetchCuda: async () => {
      fetchStopped = false;
      for (let step = 0; step <= 4; step++) {
        setCuda({ status: 'fetching', host: 'pypi.org', fraction: step / 4 });
        await new Promise((resolve) => setTimeout(resolve, roundMs));
        if (fetchStopped) return setCuda(absentCuda);
      }
      setCuda({ status: 'present', installedBytes: 1e9, isOffered: false, problem: null });
    },
    cancelCuda: () => {
      fetchStopped = true;
    },
    removeCuda: () => setCuda(absentCuda),
    setPreferences: (part) => {
      kept = { ...kept, ...part };
    },
    inspectText: ({ text }) => inspect(text),
    generate: ({ text, settings, pair }) => {
      const take = newTake(text, settings, pair);
      stored.set(take.id, { take, samples: new Float32Array(0), rounds: [] });
      const { port1, port2 } = new MessageChannel();
      const job: Job = { id: `job-${made}`, take, port: port1, run: 'queued' };
      jobs.push(job);
      const deliver = () =>
        window.dispatchEvent(
          new MessageEvent('message', {
            data: { type: JOB_PORT_MESSAGE, job: job.id },
            source: window,
            ports: [port2],
          }),
        );
      if (portArrives === 'before-reply') deliver();
      else setTimeout(deliver, 5);
      setTimeout(() => void runNext(), roundMs);
      return { job: job.id, take: take.id };
    },
    cancel: ({ job: id }) => {
      const job = jobs.find((other) => other.id === id);
      if (!job || job.run === 'over') return;
      finish(find(job.take.id), 'cancelled', null);
      end(job, { kind: 'cancelled', message: 'Cancelled.' });
    },
    getVoiceSample: ({ voice }) => ({
      sampleRate: SAMPLE_RATE,
      samples: soundOf(60, 0, pitchOf(voice)),
    }),
    getFolders: () => ({
      user: '/home/user/.config/Timbrel',
      takes: '/home/user/.config/Timbrel/takes',
      cache: '/home/user/.cache/timbrel',
      logs: '/home/user/.config/Timbrel/logs',
    }),
    listUnreadableTakes: () => [],
    listTakes: () =>
      [...stored.values()]
        .map((entry) => entry.take)
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    renameTake: ({ take, name }) => change(take, { name }),
    starTake: ({ take, starred }) => change(take, { starred }),
    removeTake: ({ take }) => {
      removed.set(take, find(take));
      stored.delete(take);
    },
    restoreTake: ({ take }) => {
      const entry = removed.get(take);
      if (!entry) throw new FailureError('usage', 'That take cannot be brought back.');
      removed.delete(take);
      stored.set(take, entry);
      return entry.take;
    },
    readTake: ({ take }) => {
      const entry = find(take);
      return {
        take: entry.take,
        sound: { sampleRate: SAMPLE_RATE, samples: entry.samples },
        rounds: entry.rounds,
      };
    },
    getWordTimes: ({ take }) => wordTimesOf(find(take).take),
    dragTake: () => undefined,
    exportTake: ({ take, settings }) => {
      const entry = find(take);
      const sampleRate = settings.sampleRate === 'native' ? SAMPLE_RATE : settings.sampleRate;
      return {
        path: `/home/you/Music/${entry.take.name}.wav`,
        sidecar: `/home/you/Music/${entry.take.name}.json`,
        sampleRate,
        bits: { int16: 16, int24: 24, float32: 32 }[settings.format],
        seconds: entry.take.frames / FRAME_RATE,
        loudness: settings.loudness ?? -21.4,
        truePeak: Math.min(settings.truePeak, -3.2),
        notice: null,
      };
    },
    revealExport: () => undefined,
    getGroup: ({ token, theta }) =>
      Array.from({ length: Math.round(meanSizeAt(theta)) }, (_, index) => ({
        token: (token + index * 37) % CODEBOOK,
        cosine: index === 0 ? 1 : 1 - (1 - theta) * (index / meanSizeAt(theta)),
      })),
    inspectPronunciations: (entries) =>
      entries.map(({ as }) =>
        /^[\p{Script=Latin}\d' -]+$/u.test(as)
          ? { phones: as, problem: null }
          : { phones: '', problem: `“${as}” is neither ARPAbet nor a respelling.` },
      ),
    hearPronunciation: () => ({ sampleRate: SAMPLE_RATE, samples: soundOf(30, 0, 150) }),
    newProject: () => open('/home/you/Documents/New.timbrel', EMPTY_PROJECT),
    openProject: ({ path }) => open(path ?? '/home/you/Documents/Play.timbrel', project),
    readProjectLines: ({ from }) => JSON.stringify(project.lines.slice(from, from + LINES_AT_ONCE)),
    stageLines: ({ lines }) => {
      for (const line of lines) staged.set(line.id, line);
    },
    saveProject: ({ order, pronunciations }) => {
      for (const line of project.lines) if (!staged.has(line.id)) staged.set(line.id, line);
      const ids = order ?? project.lines.map(({ id }) => id);
      project = { ...project, pronunciations, lines: ids.map((id) => staged.get(id) as Line) };
    },
    closeProject: () => undefined,
    listRecentProjects: () => [{ path: '/home/you/Documents/Play.timbrel', name: 'Play' }],
    importLines: () => ({
      lines: ['One more line.', 'And another.'].map((text) => ({ text, voice: null, seed: null })),
      leftOut: [],
    }),
    speakLine: async ({ text, settings }) => {
      const entry: StoredTake = {
        take: newTake(text, settings, null),
        samples: new Float32Array(0),
        rounds: [],
      };
      stored.set(entry.take.id, entry);
      const uniform = seededUniform(settings.seed);
      while (entry.take.frames < expectedFramesOf(text)) {
        await new Promise((resolve) => setTimeout(resolve, roundMs));
        advance(entry, uniform);
      }
      finish(entry, 'finished', null);
      return {
        take: entry.take,
        seconds: entry.take.frames / FRAME_RATE,
        suspicions: text.includes('suspect') ? ['silence'] : [],
      };
    },
    findMissingTakes: ({ takes }) => takes.filter((take) => !stored.has(take)),
    planLineExport: ({ settings }) =>
      settings.layout === 'joined' ? ['Play.wav'] : project.lines.map(({ text }) => `${text}.wav`),
    exportLines: ({ settings }) => ({
      folder: '/home/you/Music',
      files: project.lines.map(({ text }) => `/home/you/Music/${text}.wav`),
      table: settings.table ? '/home/you/Music/Play lines.csv' : null,
      leftOut: [],
      notices: [],
    }),
    hearSwap: ({ frame }) => ({ sampleRate: SAMPLE_RATE, samples: soundOf(30, frame, 150) }),
    ...fakeListening(() => ({ sampleRate: SAMPLE_RATE, samples: soundOf(10, 0, 150) })),
  };

  const answer = async <N extends CallName>(
    name: N,
    input: CallInput<N>,
  ): Promise<Reply<CallOutput<N>>> => {
    received.push({ name, input });
    await Promise.resolve();
    const failure = failures.get(name);
    failures.delete(name);
    if (failure) return { ok: false, failure };
    try {
      return { ok: true, value: await handlers[name](input) };
    } catch (error) {
      return { ok: false, failure: toFailure(error) };
    }
  };

  const answers = Object.fromEntries(
    (Object.keys(handlers) as CallName[]).map((name) => [
      name,
      (input: never) => answer(name, input),
    ]),
  ) as unknown as { [N in CallName]: Bridge[N] };

  return {
    bridge: {
      ...answers,
      on: (event, listener) => {
        const heard = listeners.get(event) ?? new Set();
        listeners.set(event, heard);
        heard.add(listener);
        return () => heard.delete(listener);
      },
    },
    calls: received,
    send,
    failNext: (name, failure) => failures.set(name, failure),
    crash: () => {
      const failure: Failure = {
        kind: 'runtime',
        message:
          'The engine stopped unexpectedly; what it had spoken is kept. Restart it to go on.',
      };
      for (const job of jobs.filter((running) => running.run === 'running')) {
        finish(find(job.take.id), 'interrupted', failure.message);
        end(job, failure);
      }
      setEngine({ status: 'failed', failure });
    },
  };
}

function inspect(text: string): TextReport {
  const unspeakable: TextReport['unspeakable'] = [];
  for (const match of text.matchAll(/[^\p{Script=Latin}\d\s.,;:!?'’"()£$€%&/–—-]+/gu)) {
    unspeakable.push([match.index, match.index + match[0].length]);
  }
  const spoken = text
    .replace(/[^\p{Script=Latin}\d\s.,;:!?'’-]+/gu, '')
    .replace(/\b3\b/g, 'three')
    .replace(/\bDr\./g, 'doctor')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  return {
    unspeakable,
    spoken,
    spelled: [...new Set(spoken.match(/\b\w*(?:zz|xq|brel)\w*\b/g) ?? [])],
    pieces: spoken === '' ? 0 : Math.ceil(spoken.length / 180),
    seconds: (spoken.length * FRAMES_PER_CHARACTER) / FRAME_RATE,
    problem:
      text.trim() !== '' && spoken === ''
        ? 'Nothing in this text can be spoken by this voice pack; write it in Latin letters.'
        : null,
  };
}
