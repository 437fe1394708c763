import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { Model } from '../decoding/model';
import { CACHE_ROWS, cacheNames, KeyValueCaches } from './caches';
import { discardCopies } from './copies';
import type { DecoderGraph } from './messages';
import { type Device, openDecoder } from './session';
import { Stopwatch } from './stopwatch';

/** Passes up to this long reuse their tensors: a round's passes all do. */
const LONGEST_REUSED_PASS = 16;

/** What a pass over S tokens feeds and fetches; nothing of it needs to be made twice on the CPU. */
type Pass = {
  ids: BigInt64Array;
  feeds: Record<string, Tensor>;
  /** Null for what a long pass allocates anew. */
  fetches: Record<string, Tensor | null>;
};

/** A decoder graph with grouped-query attention over caches. */
export class GraphModel implements Model {
  readonly stopwatch = new Stopwatch();
  /** Shared with graphs that do several steps of this one at once. */
  readonly caches: KeyValueCaches;
  /** Whether its passes give the rows they made, in place of whole caches. */
  readonly givesRows: boolean;
  readonly device: Device;
  /** Whether it computes in half precision. */
  readonly half: boolean;
  private readonly passes = new Map<number, Pass>();
  /** Moves of the caches that the passes know of. */
  private movesKnown = 0;
  private readonly seqlensK = Int32Array.of(0);
  private readonly totalLength = Int32Array.of(0);
  private readonly lengths: Record<string, Tensor>;

  private constructor(
    private readonly session: InferenceSession,
    readonly graph: DecoderGraph,
    readonly vocabularySize: number,
    { device, half = false }: { device: Device; half?: boolean },
  ) {
    this.device = device;
    this.half = device !== 'cpu' && half;
    this.caches = new KeyValueCaches(graph, session, device);
    this.givesRows = session.outputNames.includes(CACHE_ROWS);
    this.lengths = {
      [graph.names.seqlensK]: new Tensor('int32', this.seqlensK, [1]),
      [graph.names.totalSequenceLength]: new Tensor('int32', this.totalLength, []),
    };
  }

  /** `vocabularySize`: logits a position. Throws a `runtime` failure. */
  static async open(
    graph: DecoderGraph,
    vocabularySize: number,
    placement: { device: Device; threads: number; half?: boolean },
  ): Promise<GraphModel> {
    const keepOnDevice = cacheNames(graph).map(({ present }) => present);
    const session = await openDecoder(graph, { ...placement, keepOnDevice });
    return new GraphModel(session, graph, vocabularySize, placement);
  }

  get maxLength(): number {
    return this.caches.maxLength;
  }

  get length(): number {
    return this.caches.length;
  }

  rollback(length: number): void {
    this.caches.rollback(length);
  }

  async forward(tokens: readonly number[]): Promise<Float32Array> {
    const count = tokens.length;
    this.caches.makeRoomFor(count);
    const pass = this.pass(count);
    for (let i = 0; i < count; i++) pass.ids[i] = BigInt(tokens[i]);
    this.seqlensK[0] = this.length + count - 1;
    this.totalLength[0] = this.length + count;
    return this.stopwatch.time(() =>
      this.givesRows ? this.runForRows(pass) : this.runForCaches(pass),
    );
  }

  async release(): Promise<void> {
    this.caches.leaveDevice();
    await this.session.release();
  }

  private async runForRows({ ids, feeds, fetches }: Pass): Promise<Float32Array> {
    const { logits } = this.graph.names;
    const outputs = await this.session.run(feeds, fetches);
    this.caches.append(fetches[CACHE_ROWS] ?? (outputs[CACHE_ROWS] as Tensor), ids.length);
    discardCopies(outputs, fetches);
    return (fetches[logits] ?? outputs[logits]).data as Float32Array;
  }

  private async runForCaches({ ids, feeds }: Pass): Promise<Float32Array> {
    const outputs = await this.session.run({ ...feeds, ...this.caches.tensors });
    this.caches.replace(outputs, ids.length);
    return outputs[this.graph.names.logits].data as Float32Array;
  }

  private pass(count: number): Pass {
    if (this.movesKnown !== this.caches.moves) this.followCaches();
    const known = this.passes.get(count);
    if (known) return known;
    const reused = count <= LONGEST_REUSED_PASS;
    const ids = new BigInt64Array(count);
    const shape = [1, count, this.vocabularySize];
    const logits = reused
      ? new Tensor('float32', new Float32Array(count * this.vocabularySize), shape)
      : null;
    const { names } = this.graph;
    const pass: Pass = {
      ids,
      feeds: {
        ...this.caches.tensors,
        ...this.lengths,
        [names.inputIds]: new Tensor('int64', ids, [1, count]),
      },
      fetches: { [names.logits]: logits, [CACHE_ROWS]: reused ? this.caches.rowsOf(count) : null },
    };
    if (reused) this.passes.set(count, pass);
    return pass;
  }

  private followCaches(): void {
    for (const { feeds } of this.passes.values()) Object.assign(feeds, this.caches.tensors);
    this.movesKnown = this.caches.moves;
  }
}
