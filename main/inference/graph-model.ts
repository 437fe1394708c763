import { FailureError } from '../../contract/failure';
import type { HiddenStates, Model } from '../decoding/model';
import { CACHE_ROWS, cacheNames, KeyValueCaches } from './caches';
import { discardCopies } from './copies';
import { areFinite } from './finite';
import { graphFailure } from './graph-failure';
import { FeatureInput, StoredStates } from './hidden-states';
import { type DecoderGraph, type GpuUse, PLAIN_USE } from './messages';
import {
  type InferenceSession,
  type OnnxValueMapType,
  Tensor,
  type ValueMetadata,
} from './onnxruntime';
import { type Device, openDecoder } from './session';
import { checkDecoder } from './signature';
import { Stopwatch } from './stopwatch';

/** Passes up to this long reuse their tensors: a round's passes all do. */
const LONGEST_REUSED_PASS = 16;

/** What a pass over S tokens feeds and fetches; nothing of it needs to be made twice on the CPU. */
type Pass = {
  ids: BigInt64Array;
  /** Of a graph that reads features. */
  features: FeatureInput | null;
  feeds: Record<string, Tensor>;
  /** Null for what a long pass allocates anew. */
  fetches: Record<string, Tensor | null>;
};

/**
 * A decoder graph with grouped-query attention over caches. It keeps the hidden states that its graph gives,
 * and reads those that it wants.
 */
export class GraphModel implements Model {
  readonly stopwatch = new Stopwatch();
  /** Shared with graphs that do several steps of this one at once. */
  readonly caches: KeyValueCaches;
  /** Whether its passes give the rows they made, in place of whole caches. */
  readonly givesRows: boolean;
  readonly device: Device;
  /** How its graph was changed for a GPU. */
  readonly gpu: GpuUse;
  /** Numbers of a position's features; 0 for a graph that reads tokens alone. */
  readonly featureWidth: number;
  private readonly states: StoredStates | null;
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
    { device, gpu = PLAIN_USE }: { device: Device; gpu?: GpuUse },
  ) {
    this.device = device;
    this.gpu = device === 'cpu' ? PLAIN_USE : gpu;
    this.caches = new KeyValueCaches(graph, session, device);
    this.givesRows = session.outputNames.includes(CACHE_ROWS);
    const { features, hidden } = graph.names;
    this.featureWidth = features ? widthOf(session.inputMetadata, features) : 0;
    this.states = hidden ? new StoredStates(widthOf(session.outputMetadata, hidden)) : null;
    this.lengths = {
      [graph.names.seqlensK]: new Tensor('int32', this.seqlensK, [1]),
      [graph.names.totalSequenceLength]: new Tensor('int32', this.totalLength, []),
    };
  }

  /** `vocabularySize`: logits a position. Throws a `pack` failure, or a `runtime` failure on a GPU. */
  static async open(
    graph: DecoderGraph,
    vocabularySize: number,
    placement: { device: Device; threads: number; gpu?: GpuUse },
  ): Promise<GraphModel> {
    const keepOnDevice = cacheNames(graph).map(({ present }) => present);
    const session = await openDecoder(graph, { ...placement, keepOnDevice });
    checkDecoder(session, graph);
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

  hidden(position: number): Float32Array {
    if (!this.states) throw new TypeError('This graph gives no hidden states.');
    return this.states.hidden(position);
  }

  /** Throws a `pack` failure where the graph fails or gives numbers that are none; on a GPU an `Error`. */
  async forward(tokens: readonly number[], reads?: Partial<HiddenStates>): Promise<Float32Array> {
    const count = tokens.length;
    this.caches.makeRoomFor(count);
    const pass = this.pass(count);
    pass.features?.fill(this.length, reads);
    for (let i = 0; i < count; i++) pass.ids[i] = BigInt(tokens[i]);
    this.seqlensK[0] = this.length + count - 1;
    this.totalLength[0] = this.length + count;
    try {
      const logits = await this.stopwatch.time(() =>
        this.givesRows ? this.runForRows(pass) : this.runForCaches(pass),
      );
      this.check(logits, count);
      return logits;
    } catch (error) {
      throw this.device === 'cpu' ? graphFailure(this.graph.file, error) : error;
    }
  }

  async release(): Promise<void> {
    this.caches.leaveDevice();
    await this.session.release();
  }

  /** Of a long pass, a prompt's, the last rows alone: nothing reads the others. */
  private check(logits: Float32Array, count: number): void {
    const { vocabularySize } = this;
    this.expect(logits.length, count * vocabularySize, 'logits');
    const read = Math.min(count, LONGEST_REUSED_PASS);
    if (!areFinite(logits, (count - read) * vocabularySize)) throw this.notNumbers();
  }

  /** What to throw where it, or a graph that does several of its steps, gives NaN or an infinity. */
  notNumbers(): Error {
    return this.wrong('gives probabilities that are not numbers');
  }

  private expect(length: number, wanted: number, what: string): void {
    if (length !== wanted) throw this.wrong(`gives ${length} ${what} and not ${wanted}`);
  }

  private wrong(what: string): Error {
    const message = `${this.graph.file} ${what}: the voice pack cannot be used.`;
    // A GPU's driver may have made them, and then the CPU takes over.
    return this.device === 'cpu' ? new FailureError('pack', message) : new Error(what);
  }

  private async runForRows({ ids, feeds, fetches }: Pass): Promise<Float32Array> {
    const { logits } = this.graph.names;
    const outputs = await this.session.run(feeds, fetches);
    this.keepStates(outputs, ids.length, fetches);
    const rows = fetches[CACHE_ROWS] ?? (outputs[CACHE_ROWS] as Tensor);
    this.expect(rows.size, this.caches.rowSize * ids.length, 'numbers for its caches');
    this.caches.append(rows, ids.length);
    discardCopies(outputs, fetches);
    return (fetches[logits] ?? outputs[logits]).data as Float32Array;
  }

  private async runForCaches({ ids, feeds }: Pass): Promise<Float32Array> {
    const outputs = await this.session.run({ ...feeds, ...this.caches.tensors });
    this.keepStates(outputs, ids.length);
    this.caches.replace(outputs, ids.length);
    return outputs[this.graph.names.logits].data as Float32Array;
  }

  /** Before the caches have moved on by the pass. */
  private keepStates(
    outputs: OnnxValueMapType,
    count: number,
    fetches: Record<string, Tensor | null> = {},
  ): void {
    const { hidden } = this.graph.names;
    if (!hidden || !this.states) return;
    const rows = (fetches[hidden] ?? outputs[hidden]).data as Float32Array;
    this.expect(rows.length, count * this.states.width, 'hidden states');
    this.states.set(this.length, rows);
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
    const features = names.features ? new FeatureInput(count, this.featureWidth) : null;
    const hidden = (width: number) =>
      reused ? new Tensor('float32', new Float32Array(count * width), [1, count, width]) : null;
    const pass: Pass = {
      ids,
      features,
      feeds: {
        ...this.caches.tensors,
        ...this.lengths,
        [names.inputIds]: new Tensor('int64', ids, [1, count]),
        ...(names.features && features ? { [names.features]: features.tensor } : {}),
      },
      fetches: {
        [names.logits]: logits,
        [CACHE_ROWS]: reused ? this.caches.rowsOf(count) : null,
        ...(names.hidden && this.states ? { [names.hidden]: hidden(this.states.width) } : {}),
      },
    };
    if (reused) this.passes.set(count, pass);
    return pass;
  }

  private followCaches(): void {
    for (const { feeds } of this.passes.values()) Object.assign(feeds, this.caches.tensors);
    this.movesKnown = this.caches.moves;
  }
}

/** Numbers a position of an input or output [1, S, width]. Throws a `pack` failure where it is not so. */
function widthOf(values: readonly ValueMetadata[], name: string): number {
  const value = values.find((one) => one.name === name);
  const width = value?.isTensor ? value.shape[2] : undefined;
  if (typeof width === 'number') return width;
  throw new FailureError(
    'pack',
    `A graph of this voice pack does not say how wide its "${name}" is.`,
  );
}
