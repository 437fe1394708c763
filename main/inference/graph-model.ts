import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { Model } from '../decoding/model';
import type { DecoderGraph } from './messages';
import { type Device, openSession } from './session';
import { Stopwatch } from './stopwatch';

/** Passes up to this long reuse their tensors: a round's passes all do. */
const LONGEST_REUSED_PASS = 16;

/**
 * Positions by which a cache grows. onnxruntime-node copies every output that it hands back, caches
 * in place too: with 28 layers of 1,536 positions that alone would take four times as long as the
 * graph, so a cache is to be hardly longer than what it holds.
 */
const CACHE_STEP = 128;

/** What a pass over S tokens feeds and fetches; nothing of it needs to be made twice on the CPU. */
type Pass = {
  ids: BigInt64Array;
  feeds: Record<string, Tensor>;
  /** Null for logits that a long pass allocates anew. */
  fetches: Record<string, Tensor | null>;
};

type CacheName = { past: string; present: string };

/**
 * A decoder graph with grouped-query attention over caches [1, kvHeads, capacity, headDim]. What is
 * valid in them is told by `length` alone.
 */
export class GraphModel implements Model {
  readonly maxLength: number;
  readonly stopwatch = new Stopwatch();
  private filled = 0;
  private readonly cacheNames: readonly CacheName[];
  /** A GPU's caches stay where they are, and a graph may ask for all of theirs. */
  private readonly canGrow: boolean;
  /** By input name. */
  private readonly caches: Record<string, Tensor> = {};
  /** Positions that the caches have room for. */
  private capacity = 0;
  private readonly passes = new Map<number, Pass>();
  private readonly seqlensK = Int32Array.of(0);
  private readonly totalLength = Int32Array.of(0);
  private readonly lengths: Record<string, Tensor>;

  private constructor(
    private readonly session: InferenceSession,
    private readonly graph: DecoderGraph,
    readonly vocabularySize: number,
    private readonly device: Device,
  ) {
    this.maxLength = graph.maxLength;
    this.cacheNames = cacheNames(graph);
    this.canGrow = device === 'cpu' && hasOpenLength(session, this.cacheNames[0].past);
    this.makeRoom(1);
    this.lengths = {
      [graph.names.seqlensK]: new Tensor('int32', this.seqlensK, [1]),
      [graph.names.totalSequenceLength]: new Tensor('int32', this.totalLength, []),
    };
  }

  /** `vocabularySize`: logits a position. Throws a `runtime` failure. */
  static async open(
    graph: DecoderGraph,
    vocabularySize: number,
    placement: { device: Device; threads: number },
  ): Promise<GraphModel> {
    const keepOnDevice = cacheNames(graph).map(({ present }) => present);
    const session = await openSession(graph.file, { ...placement, keepOnDevice });
    return new GraphModel(session, graph, vocabularySize, placement.device);
  }

  get length(): number {
    return this.filled;
  }

  rollback(length: number): void {
    this.filled = Math.min(this.filled, length);
  }

  async forward(tokens: readonly number[]): Promise<Float32Array> {
    const count = tokens.length;
    if (this.filled + count > this.maxLength) {
      throw new RangeError(
        `${count} tokens do not fit behind ${this.filled} of ${this.maxLength} positions.`,
      );
    }
    this.makeRoom(this.filled + count);
    const pass = this.pass(count);
    for (let i = 0; i < count; i++) pass.ids[i] = BigInt(tokens[i]);
    this.seqlensK[0] = this.filled + count - 1;
    this.totalLength[0] = this.filled + count;
    const logits = await this.stopwatch.time(() =>
      this.device === 'cpu' ? this.runInPlace(pass) : this.runOnDevice(pass),
    );
    this.filled += count;
    return logits;
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** Lets the caches hold so many positions; what they hold stays, and an empty one may shrink. */
  private makeRoom(positions: number): void {
    const { kvHeads, headDim } = this.graph;
    const room = this.canGrow ? Math.ceil(positions / CACHE_STEP) * CACHE_STEP : this.maxLength;
    const capacity = Math.min(room, this.maxLength);
    if (capacity === this.capacity || (capacity < this.capacity && this.filled > 0)) return;
    for (const { past } of this.cacheNames) {
      const cache = new Float32Array(kvHeads * capacity * headDim);
      if (this.filled > 0) {
        const old = this.caches[past].data as Float32Array;
        for (let head = 0; head < kvHeads; head++) {
          const from = head * this.capacity * headDim;
          const held = old.subarray(from, from + this.filled * headDim);
          cache.set(held, head * capacity * headDim);
        }
      }
      this.caches[past] = new Tensor('float32', cache, [1, kvHeads, capacity, headDim]);
    }
    this.capacity = capacity;
    this.passes.clear();
  }

  /** The same tensor as past and as present: the graph writes its cache where it stands. */
  private async runInPlace({ feeds, fetches }: Pass): Promise<Float32Array> {
    const outputs = await this.session.run(feeds, fetches);
    return outputs[this.graph.names.logits].data as Float32Array;
  }

  /** A GPU does not write tensors given to it: it returns new ones, and the old are let go. */
  private async runOnDevice({ feeds }: Pass): Promise<Float32Array> {
    const outputs = await this.session.run({ ...feeds, ...this.caches });
    for (const { past, present } of this.cacheNames) {
      const old = this.caches[past];
      this.caches[past] = outputs[present] as Tensor;
      if (old.location === 'gpu-buffer') old.dispose();
    }
    return outputs[this.graph.names.logits].data as Float32Array;
  }

  private pass(count: number): Pass {
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
        ...this.caches,
        ...this.lengths,
        [names.inputIds]: new Tensor('int64', ids, [1, count]),
      },
      fetches: { [names.logits]: logits },
    };
    for (const { past, present } of this.cacheNames) pass.fetches[present] = this.caches[past];
    if (reused) this.passes.set(count, pass);
    return pass;
  }
}

/** Whether a graph leaves open how many positions a cache has. */
function hasOpenLength({ inputMetadata }: InferenceSession, cache: string): boolean {
  const input = inputMetadata.find(({ name }) => name === cache);
  return input?.isTensor === true && typeof input.shape[2] === 'string';
}

function cacheNames(graph: DecoderGraph): CacheName[] {
  const { pastKey, pastValue, presentKey, presentValue } = graph.names;
  return Array.from({ length: graph.layers }, (_, layer) => {
    const named = (name: string) => name.replace('{layer}', String(layer));
    return [
      { past: named(pastKey), present: named(presentKey) },
      { past: named(pastValue), present: named(presentValue) },
    ];
  }).flat();
}
