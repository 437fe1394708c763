import { FailureError } from '../../contract/failure';
import type { Codec } from './codec';
import type { Channel, CodecCommand, CodecPack, CodecReport } from './messages';
import { threadsBeside } from './session';

/** Starts a process of the codec's own, and resolves with the channel to it. */
export type CodecLink = () => Promise<Channel<CodecCommand, CodecReport>>;

type Waiting = { resolve(samples: Float32Array): void; reject(error: Error): void };

/**
 * The codec's decoder in a process of its own, so that vocoding runs while tokens are decoded. A
 * process that dies fails what it was asked for; the next call starts another.
 */
export class RemoteCodec implements Codec {
  readonly beside = true;
  readonly contextFrames;
  readonly samplesPerFrame;
  private connection: Promise<Channel<CodecCommand, CodecReport>> | null = null;
  /** Those who wait for sound, in the order in which they asked. */
  private waiting: Waiting[] = [];

  constructor(
    private readonly pack: CodecPack,
    private readonly link: CodecLink,
  ) {
    this.contextFrames = pack.codecDecoder.contextFrames;
    this.samplesPerFrame = pack.sampleRate / pack.frameRate;
  }

  /** Has the process start before there is anything to vocode. */
  start(): void {
    this.connected().catch(() => undefined);
  }

  /** Rejects with a `runtime` failure. */
  async decode(tokens: readonly number[], voice: number): Promise<Float32Array> {
    if (tokens.length === 0) return new Float32Array(0);
    const channel = await this.connected();
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      channel.post({ type: 'decode', tokens: [...tokens], voice });
    });
  }

  async release(): Promise<void> {
    const channel = await this.connection?.catch(() => null);
    if (!channel) return;
    const closed = new Promise<void>((resolve) => channel.onClose(resolve));
    channel.post({ type: 'shutdown' });
    await closed;
  }

  private connected(): Promise<Channel<CodecCommand, CodecReport>> {
    this.connection ??= this.connect();
    return this.connection;
  }

  private async connect(): Promise<Channel<CodecCommand, CodecReport>> {
    const channel = await this.link();
    channel.onMessage((report) => {
      const next = this.waiting.shift();
      if (report.type === 'decoded') next?.resolve(report.samples);
      else next?.reject(new FailureError(report.failure.kind, report.failure.message));
    });
    channel.onClose(() => {
      this.connection = null;
      const error = new FailureError(
        'runtime',
        'The codec stopped unexpectedly: it is restarted with the next take.',
      );
      for (const { reject } of this.waiting.splice(0)) reject(error);
    });
    channel.post({ type: 'open', pack: this.pack, threads: threadsBeside() });
    return channel;
  }
}
