import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { EnginePack } from './messages';
import { type Device, openSession, threadsFor } from './session';
import { Stopwatch } from './stopwatch';

/** The codec's decoder: acoustic tokens to mono samples at the pack's rate. */
export class CodecDecoder {
  readonly stopwatch = new Stopwatch();
  /** Frames each side that make a chunk equal to the same stretch of the whole. */
  readonly contextFrames: number;

  private constructor(
    private readonly session: InferenceSession,
    private readonly names: { tokens: string; audio: string },
    contextFrames: number,
    readonly samplesPerFrame: number,
  ) {
    this.contextFrames = contextFrames;
  }

  static async open(pack: EnginePack, device: Device): Promise<CodecDecoder> {
    const { file, tokens, audio, contextFrames } = pack.codecDecoder;
    const session = await openSession(file, { device, threads: threadsFor('codec') });
    return new CodecDecoder(
      session,
      { tokens, audio },
      contextFrames,
      pack.sampleRate / pack.frameRate,
    );
  }

  /** Vocodes all of `tokens` at once, [frames] → [frames × samplesPerFrame]. */
  async decode(tokens: readonly number[]): Promise<Float32Array> {
    if (tokens.length === 0) return new Float32Array(0);
    const ids = BigInt64Array.from(tokens, BigInt);
    const feeds = { [this.names.tokens]: new Tensor('int64', ids, [1, tokens.length]) };
    const outputs = await this.stopwatch.time(() => this.session.run(feeds));
    return outputs[this.names.audio].data as Float32Array;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** Frames of the chunks in turn: small at first, so that sound starts early. */
const CHUNKS = [8, 16, 32];
const LARGEST_CHUNK = 50;

/**
 * Vocodes a stream of tokens chunk by chunk. Each chunk is decoded with its context on both sides,
 * so what is emitted equals the same stretch of the whole, and lags behind by the right context.
 */
export class StreamingVocoder {
  private readonly tokens: number[] = [];
  private vocoded = 0;
  private chunks = 0;

  constructor(private readonly codec: CodecDecoder) {}

  push(tokens: readonly number[]): void {
    this.tokens.push(...tokens);
  }

  /** The next chunk that has its context complete, or null while more tokens must come first. */
  async next(): Promise<Float32Array | null> {
    const size = CHUNKS[this.chunks] ?? LARGEST_CHUNK;
    const ready = this.tokens.length - this.codec.contextFrames - this.vocoded;
    return ready < size ? null : this.vocode(size);
  }

  /** All that is left, once no more tokens will come. */
  async rest(): Promise<Float32Array> {
    return this.vocode(this.tokens.length - this.vocoded);
  }

  private async vocode(frames: number): Promise<Float32Array> {
    if (frames === 0) return new Float32Array(0);
    const { contextFrames, samplesPerFrame } = this.codec;
    const from = Math.max(0, this.vocoded - contextFrames);
    const to = Math.min(this.tokens.length, this.vocoded + frames + contextFrames);
    const samples = await this.codec.decode(this.tokens.slice(from, to));
    const start = (this.vocoded - from) * samplesPerFrame;
    this.vocoded += frames;
    this.chunks++;
    return samples.slice(start, start + frames * samplesPerFrame);
  }
}
