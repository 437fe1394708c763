import { readFile } from 'node:fs/promises';
import type { DeviceReport } from '../../contract/engine';
import { FailureError } from '../../contract/failure';
import { frameTokens, type Round } from '../../contract/rounds';
import type { Piece } from '../../contract/take';
import { thetaGrid } from '../../contract/theta-grid';
import { acceptanceRule } from '../decoding/acceptance';
import { countRound, noCounts } from '../decoding/counters';
import { SmallModelDrafter } from '../decoding/drafter';
import { type Groups, groupsAt } from '../decoding/groups';
import {
  AdaptiveLookahead,
  fixedLookahead,
  LONGEST_LOOKAHEAD,
  type LookaheadPolicy,
  recordedLookahead,
} from '../decoding/lookahead';
import { type DecodedRound, type DecodingEnd, decode } from '../decoding/loop';
import { decodeNeighbours, type NeighbourTable } from '../decoding/neighbours';
import { Processor } from '../decoding/processors';
import { seededUniform } from '../decoding/random';
import { WhatIf } from '../decoding/what-if';
import { LARGEST_CHUNK, LARGEST_CHUNK_BESIDE, StreamingVocoder } from './codec';
import { decodingError } from './device-lost';
import { expectedCosts } from './expected-costs';
import type {
  Device,
  EnginePack,
  PromptPiece,
  SpeakEvent,
  SpeakRequest,
  SpeakResult,
} from './messages';
import { closeModels, type Models, openModels } from './models';
import { passage } from './passage';
import { PROVIDERS } from './providers';
import type { CodecLink } from './remote-codec';

export { DeviceLost } from './device-lost';
export type { CodecLink } from './remote-codec';
export { isCodecApart } from './session';

/** Rounds and progress are told at most this often, in milliseconds; sound at once. */
const REPORT_EVERY_MS = 33;

/** Every so many rounds a run that probes plain decoding times one plain step. */
const PROBE_EVERY = 16;

/** Takes what a run tells; the time it takes to listen is the run's. */
export type Listener = (event: SpeakEvent) => void;

/**
 * A loaded voice pack that speaks: the whole engine without a process around it. One run at a
 * time. Only committed tokens reach the vocoder.
 */
export class Engine {
  private groups: Groups | null = null;
  /** At each threshold of `thetaGrid`. */
  private gridGroups: Groups[] | null = null;
  private neighbours: NeighbourTable | null = null;

  private constructor(
    readonly pack: EnginePack,
    readonly on: Device,
    private readonly models: Models,
  ) {}

  /**
   * Opens the pack's graphs; its files were verified before. `codecLink` has the codec decode in a
   * process of its own; `mostThreads` bounds those of each graph. Throws a `runtime` failure.
   */
  static async load(
    pack: EnginePack,
    on: Device,
    codecLink?: CodecLink,
    mostThreads?: number,
  ): Promise<Engine> {
    const models = await openModels(pack, on, codecLink, mostThreads);
    return new Engine(pack, on, models);
  }

  /** Where the graphs run. */
  get device(): DeviceReport {
    return {
      name: this.on,
      label: PROVIDERS[this.on].shortLabel,
      half: this.models.target.gpu.half,
      draftsOnCpu: this.models.draft.device !== this.on,
      passedOver: [],
    };
  }

  /** Gets ready to draft: reads the groups. A take that drafts makes up for what was not done before it. */
  async readGroups(): Promise<void> {
    await this.groupsOfGrid();
  }

  /**
   * Decodes and vocodes a request, piece by piece. Once `signal` aborts, the round under way is the
   * last one; what was committed is still vocoded. `probePlain` times a plain step now and then,
   * under the very load that the run has, at some 3 % of its time.
   * Throws a `pack` failure for graphs that fail, for numbers that are none and for a take without any sound, a
   * `runtime` failure, `DeviceLost` among them, or a `RangeError`.
   */
  async speak(
    request: SpeakRequest,
    listen: Listener,
    { signal, probePlain = false }: { signal?: AbortSignal; probePlain?: boolean } = {},
  ): Promise<SpeakResult> {
    const groups = await this.groupsAt(request.theta);
    const whatIf = await this.whatIf(request);
    try {
      const policy = this.lookaheadPolicy(request);
      const { pack, models } = this;
      const run = new Run(pack, models, groups, whatIf, policy, request, listen, probePlain);
      return await run.speak(signal);
    } catch (error) {
      throw decodingError(this.on, error);
    }
  }

  /** Vocodes `tokens` in the voice of that token, [frames] → [frames × samples a frame]. */
  vocode(tokens: readonly number[], voice: number): Promise<Float32Array> {
    return this.models.codec.decode(tokens, voice);
  }

  /**
   * Plain decoding's tokens a second, by decoding some from the middle of a usual take's length.
   * Takes about as long as `tokens` take, unless it is to `stop` before: then it gives null.
   */
  async measurePlain(tokens = 48, stop = () => false): Promise<number | null> {
    const processor = new Processor(
      { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 },
      this.pack.vocabularySize,
    );
    const uniform = seededUniform(1);
    const { target } = this.models;
    const length = Math.min(128, target.maxLength >> 1);
    const prompt = passage(length, this.pack.codebookSize);
    let decoded = 0;
    let ms = 0;
    while (decoded < tokens) {
      const { endOfSpeech } = this.pack;
      const rounds = decode({ target, processor, speculation: null, prompt, endOfSpeech, uniform });
      await rounds.next();
      const start = performance.now();
      for await (const round of rounds) {
        decoded++;
        await new Promise(setImmediate);
        if (stop()) return null;
        if (round.ended || decoded >= tokens) break;
      }
      ms += performance.now() - start;
    }
    return (1000 * decoded) / ms;
  }

  /**
   * Has a device that captures passes do so before the first take, until `isEnough`. Not beside a take: it uses the
   * models' caches.
   */
  async warmUp(isEnough: () => boolean): Promise<void> {
    await this.models.target.warmUp(isEnough);
    await this.models.draft.warmUp(isEnough);
  }

  async close(): Promise<void> {
    await closeModels(this.models);
  }

  private lookaheadPolicy({ method, lookahead }: SpeakRequest): LookaheadPolicy {
    if (method === 'plain') return fixedLookahead(0);
    if (lookahead !== 'adaptive') return fixedLookahead(lookahead);
    const { target, draft } = this.pack;
    return new AdaptiveLookahead(expectedCosts(target, draft, this.on));
  }

  private async groupsAt(theta: number): Promise<Groups> {
    if (this.groups?.theta !== theta) {
      this.groups = groupsAt(await this.neighbourTable(), theta, this.pack.vocabularySize);
    }
    return this.groups;
  }

  /** Null where there is nothing to estimate: at temperature 0 acceptance is no matter of chance. */
  private async whatIf({ method, temperature }: SpeakRequest): Promise<WhatIf | null> {
    if (method === 'plain' || temperature === 0) return null;
    return new WhatIf(await this.groupsOfGrid());
  }

  private async groupsOfGrid(): Promise<Groups[]> {
    const table = await this.neighbourTable();
    this.gridGroups ??= thetaGrid(table.floor).map((theta) =>
      groupsAt(table, theta, this.pack.vocabularySize),
    );
    return this.gridGroups;
  }

  private async neighbourTable(): Promise<NeighbourTable> {
    this.neighbours ??= decodeNeighbours(await readFile(this.pack.neighbours));
    return this.neighbours;
  }
}

type Spent = Pick<SpeakResult, 'wallMs' | 'targetMs' | 'draftMs' | 'codecMs'>;

/** One request on its way through decoding and vocoding. */
class Run {
  private readonly counters = noCounts();
  private readonly started = performance.now();
  private readonly samplesPerFrame: number;
  /** On the frame axis of the take, silences between pieces included. */
  private frames = 0;
  private pieceStart = 0;
  private firstSoundMs: number | null = null;
  /** Whether any sample so far is not silent. */
  private isHeard = false;
  /** Sound that is asked for, up to where it was told. */
  private sounded: Promise<void> = Promise.resolve();
  private soundFailure: unknown = null;
  private codecMs = 0;
  private unreported: Round[] = [];
  private reported = 0;
  private readonly plainStepMs: number[] = [];
  /** Of the piece under way, a digit a round. */
  private lookaheads = '';
  private readonly timesBefore: { target: number; draft: number };

  constructor(
    private readonly pack: EnginePack,
    private readonly models: Models,
    private readonly groups: Groups,
    private readonly whatIf: WhatIf | null,
    private readonly lookahead: LookaheadPolicy,
    private readonly request: SpeakRequest,
    private readonly listen: Listener,
    private readonly probesPlain: boolean,
  ) {
    this.samplesPerFrame = pack.sampleRate / pack.frameRate;
    this.timesBefore = this.times();
  }

  /** What fails is told when all that was committed before has sounded. */
  async speak(signal?: AbortSignal): Promise<SpeakResult> {
    try {
      return await this.speakPieces(signal);
    } finally {
      await this.sounded;
    }
  }

  private async speakPieces(signal?: AbortSignal): Promise<SpeakResult> {
    const { pieces, gapFrames } = this.request;
    let cancelled = false;
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await this.emitSilence(piece.pauseFrames ?? gapFrames);
      const end = await this.speakPiece(piece, index, signal);
      cancelled = end === 'cancelled';
      if (cancelled) break;
    }
    this.report(pieces.length - 1);
    await this.allSounded();
    if (!cancelled && !this.isHeard) throw nothingSpoken();
    const spent = this.spent();
    return {
      cancelled,
      counters: { ...this.counters },
      frames: this.frames,
      firstSoundMs: this.firstSoundMs,
      plainTokensPerSecond: this.plainTokensPerSecond(spent),
      ...spent,
    };
  }

  private async speakPiece(
    piece: PromptPiece,
    index: number,
    signal?: AbortSignal,
  ): Promise<Piece['end']> {
    const { codec } = this.models;
    const largest = codec.beside ? LARGEST_CHUNK_BESIDE : LARGEST_CHUNK;
    const vocoder = new StreamingVocoder(codec, piece.voice, largest);
    const startFrame = this.frames;
    this.pieceStart = startFrame;
    this.lookaheads = '';
    const end = await this.decodePiece(piece, index, vocoder, signal);
    const frames = this.frames - startFrame;
    const ended = { text: piece.text, startFrame, frames, end, lookaheads: this.lookaheads };
    await this.emitLater(
      () => vocoder.rest(),
      () => this.listen({ type: 'piece', piece: ended }),
    );
    if (end === 'maximumLength') {
      const seconds = (frames / this.pack.frameRate).toFixed(1);
      this.listen({
        type: 'notice',
        message:
          `“${shorten(piece.text)}” did not end by itself and was stopped at the longest length ` +
          `of this voice pack, after ${seconds} s: try another seed or a shorter sentence.`,
      });
    }
    return end;
  }

  private async decodePiece(
    piece: PromptPiece,
    index: number,
    vocoder: StreamingVocoder,
    signal?: AbortSignal,
  ): Promise<DecodingEnd | 'cancelled'> {
    const rounds = decode(this.decodingRun(piece, index));
    for (;;) {
      // A pass gives the event loop no turn, and a cancel waits there to be heard.
      await new Promise(setImmediate);
      if (signal?.aborted) return 'cancelled';
      const next = await rounds.next();
      if (next.done) return next.value;
      vocoder.push(this.commit(next.value, index));
      if (this.probesPlain && this.counters.rounds % PROBE_EVERY === 0) await this.probePlain();
      await this.emitLater(() => vocoder.next());
      if (performance.now() - this.reported >= REPORT_EVERY_MS) this.report(index);
    }
  }

  /** Times what a plain token takes where the run stands, and leaves the cache as it was. */
  private async probePlain(): Promise<void> {
    const { target } = this.models;
    const { length } = target;
    if (length >= target.maxLength) return;
    const start = performance.now();
    await target.forward([0]);
    this.plainStepMs.push(performance.now() - start);
    target.rollback(length);
  }

  /**
   * Of the run itself when it is plain; else a probed step with what a token costs beside the
   * models in either way of decoding. Null without a probe.
   */
  private plainTokensPerSecond({ wallMs, targetMs, draftMs }: Spent): number | null {
    const { committed } = this.counters;
    if (committed === 0) return null;
    if (this.request.method === 'plain') return (1000 * committed) / wallMs;
    if (this.plainStepMs.length === 0) return null;
    const sorted = this.plainStepMs.toSorted((a, b) => a - b);
    const besideModels = (wallMs - targetMs - draftMs) / committed;
    return 1000 / (sorted[sorted.length >> 1] + besideModels);
  }

  private decodingRun({ prompt }: PromptPiece, index: number) {
    const { request, pack, models } = this;
    const { endOfSpeech } = pack;
    const processor = new Processor(request, pack.vocabularySize);
    const uniform = seededUniform(request.seed, index);
    const base = { target: models.target, processor, prompt, endOfSpeech, uniform };
    if (request.method === 'plain') return { ...base, speculation: null };
    const { method, temperature, lookaheads } = request;
    const lookahead = lookaheads ? recordedLookahead(lookaheads[index] ?? '') : this.lookahead;
    const { draft, target } = models;
    const drafter = new SmallModelDrafter(draft, processor, endOfSpeech, LONGEST_LOOKAHEAD, target);
    const ruleInForce = acceptanceRule(method, this.groups, temperature);
    const rule = this.whatIf?.watch(ruleInForce) ?? ruleInForce;
    return { ...base, speculation: { drafter, rule, lookahead } };
  }

  /** Counts a round, puts it on the frame axis, and returns its tokens that are frames. */
  private commit(decoded: DecodedRound, piece: number): number[] {
    countRound(this.counters, decoded);
    if (this.request.method !== 'plain') this.lookaheads += decoded.lookahead;
    const { judged, ignored, drawn, ended } = decoded;
    const round: Round = { piece, frame: this.frames, judged, ignored, drawn, ended };
    if (this.whatIf && judged.length > 0) {
      round.expectedKept = this.whatIf.take().map((kept) => Math.round(1000 * kept) / 1000);
    }
    this.unreported.push(round);
    const tokens = frameTokens(round);
    this.frames += tokens.length;
    return tokens;
  }

  private emitSilence(frames: number): Promise<void> {
    this.frames += frames;
    return this.emitLater(async () => new Float32Array(frames * this.samplesPerFrame));
  }

  /**
   * Asks for sound, and emits it, if there is any yet, when it has come and all before it is emitted.
   * Waits for that only where the codec shares this process: elsewhere decoding goes on. Throws what
   * an earlier sound failed of, and asks for none then: nobody would hear of its failure.
   */
  private async emitLater(ask: () => Promise<Float32Array> | null, then = () => {}): Promise<void> {
    if (this.soundFailure) throw this.soundFailure;
    const start = performance.now();
    const sound = ask();
    // A codec in this process has worked by now.
    this.codecMs += performance.now() - start;
    if (!sound) return;
    this.sounded = Promise.all([sound, this.sounded]).then(([samples]) => {
      if (this.soundFailure) return;
      this.emitSound(samples);
      then();
    });
    this.sounded = this.sounded.catch((error) => {
      this.soundFailure ??= error;
    });
    if (!this.models.codec.beside) await this.allSounded();
  }

  private async allSounded(): Promise<void> {
    const start = performance.now();
    await this.sounded;
    this.codecMs += performance.now() - start;
    if (this.soundFailure) throw this.soundFailure;
  }

  private emitSound(samples: Float32Array): void {
    if (samples.length === 0) return;
    this.firstSoundMs ??= performance.now() - this.started;
    this.isHeard ||= samples.some((sample) => sample !== 0);
    this.listen({ type: 'audio', samples });
  }

  private report(piece: number): void {
    this.reported = performance.now();
    if (this.unreported.length > 0) this.listen({ type: 'rounds', rounds: this.unreported });
    this.unreported = [];
    this.listen({
      type: 'progress',
      counters: { ...this.counters },
      frames: this.frames,
      expectedFrames: this.expectedFrames(piece),
      piece,
      pieces: this.request.pieces.length,
      elapsedMs: this.reported - this.started,
    });
  }

  /** What the take comes to if the pieces from this one on are as long as their texts suggest. */
  private expectedFrames(piece: number): number {
    const { pieces, gapFrames } = this.request;
    const ahead = pieces.slice(piece);
    const expected = ahead.reduce(
      (sum, { expectedFrames, pauseFrames = gapFrames }, i) =>
        sum + expectedFrames + (i > 0 ? pauseFrames : 0),
      0,
    );
    return Math.max(this.frames, this.pieceStart + expected);
  }

  private spent(): Spent {
    const times = this.times();
    return {
      wallMs: performance.now() - this.started,
      targetMs: times.target - this.timesBefore.target,
      draftMs: times.draft - this.timesBefore.draft,
      codecMs: this.codecMs,
    };
  }

  private times() {
    const { target, draft } = this.models;
    return { target: target.stopwatch.ms, draft: draft.stopwatch.ms };
  }
}

function nothingSpoken(): FailureError {
  return new FailureError(
    'pack',
    'Nothing was spoken: the voice pack ended the text at once or made silence, so try another seed or text.',
  );
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57).trimEnd()}…`;
}
