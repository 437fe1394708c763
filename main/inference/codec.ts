import { FailureError } from '../../contract/failure';
import { graphFailure } from './graph-failure';
import type { CodecContext, CodecPack } from './messages';
import { Binding } from './runtime/binding';
import { Owner } from './runtime/handle';
import type { Session } from './runtime/session';
import { CpuTensor, countOf } from './runtime/tensor';
import { openGraph } from './session';
import { checkCodec } from './signature';

/** What turns acoustic tokens into sound, a whole stretch at once. */
export interface Vocoder {
  readonly contextFrames: CodecContext;
  readonly samplesPerFrame: number;
  /** [frames] → [frames × samplesPerFrame], mono, in the voice of that token. */
  decode(tokens: readonly number[], voice: number): Promise<Float32Array>;
}

/** A vocoder that an engine holds. */
export interface Codec extends Vocoder {
  /** Whether it works while others do, in a process of its own. */
  readonly beside: boolean;
  release(): Promise<void>;
}

/** Samples of speech lie within 1; what is so far beyond is no sound. */
const LOUDEST = 16;

/** The codec's decoder: acoustic tokens to mono samples at the pack's rate. */
export class CodecDecoder implements Codec {
  readonly beside = false;

  private constructor(
    private readonly session: Session,
    private readonly graph: CodecPack['codecDecoder'],
    readonly samplesPerFrame: number,
  ) {}

  /** On the CPU: vocoding is a small part of the time, and leaves a GPU to the target. */
  static async open(pack: CodecPack, threads: number): Promise<CodecDecoder> {
    const { codecDecoder: graph, sampleRate, frameRate } = pack;
    const session = await openGraph(graph, threads);
    checkCodec(session, graph);
    return new CodecDecoder(session, graph, sampleRate / frameRate);
  }

  get contextFrames(): CodecContext {
    return this.graph.contextFrames;
  }

  /** Throws a `pack` failure for what is no sound, and for another length of it than the pack promises. */
  async decode(tokens: readonly number[], voice: number): Promise<Float32Array> {
    if (tokens.length === 0) return new Float32Array(0);
    const samples = this.run(tokens, voice);
    if (!isSound(samples)) {
      throw new FailureError(
        'pack',
        'The codec of this voice pack made numbers that are no sound: it cannot be used.',
      );
    }
    return samples;
  }

  async release(): Promise<void> {
    this.session.release();
  }

  /** Every take's length would be wrong, and every seam of its chunks heard. Null for another error. */
  private lengthFailure(frames: number, error: unknown): FailureError | null {
    const made = /computed output shape for this run is \{([\d,]+)\}/.exec(
      (error as Error).message,
    );
    if (!made) return null;
    const samples = countOf(made[1].split(',').map(Number));
    return new FailureError(
      'pack',
      `The codec of this voice pack made ${samples} samples of ${frames} frames, ` +
        `and its manifest promises ${this.samplesPerFrame} a frame: it cannot be used.`,
      { cause: error },
    );
  }

  /** All sides but the last are 1. */
  private soundShape(frames: number): number[] {
    const rank = this.session.outputs.find(({ name }) => name === this.graph.audio)?.shape.length;
    const samples = Math.round(frames * this.samplesPerFrame);
    return [...new Array<number>((rank ?? 1) - 1).fill(1), samples];
  }

  /** Throws a `pack` failure. */
  private run(tokens: readonly number[], voice: number): Float32Array {
    const { graph, session } = this;
    const owner = new Owner();
    try {
      const ids = owner.own(new CpuTensor('int64', [1, tokens.length]));
      ids.data.set(tokens.map(BigInt));
      const inputs: Record<string, CpuTensor> = { [graph.tokens]: ids };
      if (graph.voice) {
        const speaker = owner.own(new CpuTensor('int64', [1]));
        speaker.data[0] = BigInt(voice);
        inputs[graph.voice] = speaker;
      }
      const sound = owner.own(new CpuTensor('float32', this.soundShape(tokens.length)));
      owner.own(new Binding(session, { inputs, outputs: { [graph.audio]: sound } })).run();
      return sound.data;
    } catch (error) {
      throw this.lengthFailure(tokens.length, error) ?? graphFailure(graph.file, error);
    } finally {
      owner.release();
    }
  }
}

function isSound(samples: Float32Array): boolean {
  // A number that is none is not below anything.
  for (const sample of samples) if (!(Math.abs(sample) <= LOUDEST)) return false;
  return true;
}

/**
 * Frames of the chunks in turn: few at first, so that sound starts early, and then twice as many each time,
 * for every chunk's context is decoded again. Sound never waits where it is made in half its own time.
 */
const CHUNKS = [4, 8, 16, 32];
export const LARGEST_CHUNK = 64;
/** Beside the process that decodes contexts cost nobody time, and a take waits for less at its end. */
export const LARGEST_CHUNK_BESIDE = 32;

/**
 * Vocodes a stream of tokens chunk by chunk. Each chunk is decoded with its context on both sides,
 * so what is emitted equals the same stretch of the whole, and lags behind by the look-ahead.
 */
export class StreamingVocoder {
  private readonly tokens: number[] = [];
  private vocoded = 0;
  private chunks = 0;

  /** `voice`: its token. `largest`: frames of a chunk at most. */
  constructor(
    private readonly codec: Vocoder,
    private readonly voice: number,
    private readonly largest = LARGEST_CHUNK,
  ) {}

  push(tokens: readonly number[]): void {
    this.tokens.push(...tokens);
  }

  /**
   * The next chunk that has its context complete, or null while more tokens must come first. More
   * may be asked for before one has come.
   */
  next(): Promise<Float32Array> | null {
    const size = Math.min(this.largest, CHUNKS[this.chunks] ?? LARGEST_CHUNK);
    const ready = this.tokens.length - this.codec.contextFrames.after - this.vocoded;
    return ready < size ? null : this.vocode(size);
  }

  /** All that is left, once no more tokens will come. */
  async rest(): Promise<Float32Array> {
    return this.vocode(this.tokens.length - this.vocoded);
  }

  private async vocode(frames: number): Promise<Float32Array> {
    if (frames === 0) return new Float32Array(0);
    const { contextFrames, samplesPerFrame } = this.codec;
    const from = Math.max(0, this.vocoded - contextFrames.before);
    const to = Math.min(this.tokens.length, this.vocoded + frames + contextFrames.after);
    const start = (this.vocoded - from) * samplesPerFrame;
    this.vocoded += frames;
    this.chunks++;
    const samples = await this.codec.decode(this.tokens.slice(from, to), this.voice);
    return samples.slice(start, start + frames * samplesPerFrame);
  }
}
