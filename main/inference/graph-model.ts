import { FailureError } from '../../contract/failure';
import { LONGEST_LOOKAHEAD } from '../decoding/lookahead';
import type { HiddenStates, Model } from '../decoding/model';
import { cacheNames } from './caches';
import { areFinite } from './finite';
import { usable } from './gpu-use';
import { graphFailure } from './graph-failure';
import { fillFeatures, StoredStates } from './hidden-states';
import { JOINED } from './joined-output';
import type { DecoderGraph, GpuUse } from './messages';
import { type Capture, PROVIDERS } from './providers';
import { Binding } from './runtime/binding';
import type { DeviceMemory, Mirror } from './runtime/device-memory';
import { Owner } from './runtime/handle';
import type { Session, ValueInfo } from './runtime/session';
import type { Tensor } from './runtime/tensor';
import { type Device, openDecoder } from './session';
import { memoryOf } from './session-memory';
import { checkDecoder } from './signature';
import { Stopwatch } from './stopwatch';

/** Passes up to this long are bound once: a round's passes all are. */
const LONGEST_BOUND_PASS = LONGEST_LOOKAHEAD + 1;
const BOUND_PASSES = Array.from({ length: LONGEST_BOUND_PASS }, (_, i) => i + 1);

/**
 * A device that captures runs longer passes, a prompt's, as passes of this length, the last one filled up. Prompts are
 * seldom as long as others, and a GPU's first pass of a length takes it many times as long as the next. WebGPU has other
 * programs from 32 positions on.
 */
const PROMPT_BLOCK = 31;

/** Numbers of captured graphs for caches of one length: one for each length of pass. */
const MOST_GRAPHS = 100;
/** No pass is as short, so that no graph of a use has this number. */
const UNUSED_GRAPH = 0;

/** What a pass over S tokens reads and writes, bound to the session. */
type Pass = {
  ids: Mirror<'int64'>;
  /** Of a graph that reads features. */
  features: Mirror<'float32'> | null;
  /** [S × vocabulary] */
  logits: Float32Array;
  /** Takes what the graph made to `logits`, and keeps its hidden states. */
  read: (position: number) => void;
  /** What is sent to the device before it runs, and fetched from it afterwards. */
  given: readonly Mirror[];
  made: readonly Mirror[];
  binding: Binding;
  owner: Owner;
};

/** Caches of one length, in positions, and the passes that are bound to them, by their lengths. */
type Caches = {
  readonly length: number;
  tensors: readonly Tensor[] | null;
  readonly passes: Map<number, Pass>;
};

/**
 * A decoder graph with grouped-query attention over caches, which every pass changes in place. It keeps the hidden
 * states that its graph gives, and reads those that it wants.
 */
export class GraphModel implements Model {
  readonly stopwatch = new Stopwatch();
  readonly device: Device;
  /** How its graph was changed for a GPU. */
  readonly gpu: GpuUse;
  /** Numbers of a position's features; 0 for a graph that reads tokens alone. */
  readonly featureWidth: number;
  /** Caches of the lengths that the device is to have, the shortest first, and the ones in use. */
  private readonly caches: readonly Caches[];
  private held: Caches;
  private readonly lastPosition: Mirror<'int32'>;
  private readonly totalLength: Mirror<'int32'>;
  private readonly states: StoredStates | null;
  /** Whether logits and hidden states come as one output. */
  private readonly isJoined: boolean;
  /** How passes are captured, or null where they run as they come. */
  private readonly capture: Capture | null;
  private filled = 0;

  private constructor(
    private readonly session: Session,
    readonly graph: DecoderGraph,
    readonly vocabularySize: number,
    private readonly memory: DeviceMemory,
    { device, gpu }: { device: Device; gpu: GpuUse },
  ) {
    this.device = device;
    this.gpu = gpu;
    this.capture = gpu.captured ? PROVIDERS[device].capture : null;
    const { features, hidden } = graph.names;
    this.featureWidth = features ? widthOf(session.inputs, features) : 0;
    this.isJoined = session.outputs.some(({ name }) => name === JOINED);
    this.states = hidden ? new StoredStates(this.hiddenWidth(hidden)) : null;
    this.caches = PROVIDERS[device]
      .cacheLengths(graph.maxLength)
      .map((length) => ({ length, tensors: null, passes: new Map() }));
    this.held = this.caches[0];
    // Every layer reads it.
    this.lastPosition = memory.mirrorReadOften('int32', [1]);
    this.totalLength = memory.mirror('int32', []);
  }

  /**
   * `vocabularySize`: logits a position. `profileTo`: where to write what every operator took, as the beginning of a
   * file's name. Throws a `pack` failure, or a `runtime` failure on a GPU.
   */
  static async open(
    graph: DecoderGraph,
    vocabularySize: number,
    given: { device: Device; threads: number; gpu?: GpuUse; profileTo?: string },
  ): Promise<GraphModel> {
    const { device } = given;
    const placement = { ...given, gpu: usable(device, given.gpu) };
    const owner = new Owner();
    try {
      const session = owner.own(await openDecoder(graph, placement));
      checkDecoder(session, graph);
      const memory = owner.own(memoryOf(device, session));
      const model = new GraphModel(session, graph, vocabularySize, memory, placement);
      if (model.capture?.losesFirst) model.captureForNothing(model.capture.shortest);
      return model;
    } catch (error) {
      owner.release();
      throw error;
    }
  }

  /** Less than the caches' length where single positions are filled up. */
  get maxLength(): number {
    return this.graph.maxLength - (this.capture ? this.capture.shortest - 1 : 0);
  }

  get length(): number {
    return this.filled;
  }

  rollback(length: number): void {
    this.filled = Math.min(this.filled, length);
  }

  /** Counts positions as held without feeding them, for measurements: what the caches hold there is not to be read. */
  pretendToHold(positions: number): void {
    // Nothing is moved into the caches that have room.
    this.filled = 0;
    this.makeRoomFor(positions);
    this.filled = positions;
  }

  hidden(position: number): Float32Array {
    if (!this.states) throw new TypeError('This graph gives no hidden states.');
    return this.states.hidden(position);
  }

  /**
   * Blocks this thread while it computes. Throws a `pack` failure where the graph fails or gives numbers that are none,
   * on a GPU an `Error`, and a `RangeError` where the caches have no room.
   */
  async forward(tokens: readonly number[], reads?: Partial<HiddenStates>): Promise<Float32Array> {
    const count = tokens.length;
    const { filled } = this;
    if (filled + count > this.maxLength) {
      throw new RangeError(
        `${count} tokens do not fit behind ${filled} of ${this.maxLength} positions.`,
      );
    }
    try {
      return this.stopwatch.time(() => this.runInPasses(tokens, reads));
    } catch (error) {
      this.filled = filled;
      throw PROVIDERS[this.device].isProcessor ? graphFailure(this.graph.file, error) : error;
    }
  }

  /** Ends the profile of a graph that was opened with one, and returns the file that holds it. */
  endProfiling(): string {
    return this.session.endProfiling();
  }

  /**
   * Captures a pass of each length that decoding uses, behind empty caches, until `isEnough` or all are. Forgets what
   * the caches hold. Throws as `forward` does.
   */
  async warmUp(isEnough: () => boolean): Promise<void> {
    if (!this.capture) return;
    for (const length of [...BOUND_PASSES, PROMPT_BLOCK]) {
      if (length > this.maxLength) return;
      await new Promise(setImmediate);
      if (isEnough()) return;
      this.rollback(0);
      await this.forward(new Array<number>(length).fill(0));
    }
    this.rollback(0);
  }

  async release(): Promise<void> {
    for (const { passes } of this.caches) for (const { owner } of passes.values()) owner.release();
    this.memory.release();
    this.session.release();
  }

  /** What to throw where it gives NaN or an infinity. */
  private notNumbers(): Error {
    const what = 'gives probabilities that are not numbers';
    // A GPU's driver may have made them, and then the CPU takes over.
    if (!PROVIDERS[this.device].isProcessor) return new Error(what);
    return new FailureError('pack', `${this.graph.file} ${what}: the voice pack cannot be used.`);
  }

  private runInPasses(tokens: readonly number[], reads?: Partial<HiddenStates>): Float32Array {
    const { vocabularySize } = this;
    const count = tokens.length;
    const lengths = this.capture ? this.passLengths(count, this.capture.shortest) : [count];
    this.makeRoomFor(lengths.reduce((sum, length) => sum + length, 0));
    if (lengths.length === 1) return this.run(tokens, lengths[0], reads);
    const logits = new Float32Array(count * vocabularySize);
    for (let done = 0, i = 0; done < count; done += lengths[i++]) {
      const made = this.run(tokens.slice(done, done + lengths[i]), lengths[i], reads);
      logits.set(made, done * vocabularySize);
    }
    return logits;
  }

  /** A pass over `length` positions, of which the ones behind the tokens are forgotten. */
  private run(
    tokens: readonly number[],
    length: number,
    reads?: Partial<HiddenStates>,
  ): Float32Array {
    const count = tokens.length;
    const { featureWidth, filled, vocabularySize } = this;
    const known = this.held.passes.get(length);
    const pass = known ?? this.bind(length);
    if (this.isBound(length)) this.held.passes.set(length, pass);
    try {
      const { ids, features, logits, read } = pass;
      for (let i = 0; i < count; i++) ids.host.data[i] = BigInt(tokens[i]);
      const states = features?.host.data.subarray(0, count * featureWidth);
      if (states) fillFeatures(states, featureWidth, filled, reads);
      this.execute(pass, length);
      read(filled);
      // Of a long pass, a prompt's, the last rows alone: nothing reads the others.
      const unread = Math.max(0, count - LONGEST_BOUND_PASS);
      const rows = logits.subarray(0, count * vocabularySize);
      if (!areFinite(rows, unread * vocabularySize)) throw this.notNumbers();
      this.filled += count;
      return rows;
    } finally {
      if (!known && !this.isBound(length)) pass.owner.release();
    }
  }

  /** Has the device do a pass over `length` positions behind those that are filled. */
  private execute({ given, made, binding }: Pass, length: number): void {
    const { filled, memory, lastPosition, totalLength } = this;
    lastPosition.host.data[0] = filled + length - 1;
    memory.send(given);
    // What was captured does the same again, so it is captured for all that the caches can hold.
    totalLength.host.data[0] = this.capture ? this.held.length : filled + length;
    binding.run();
    memory.fetch(made);
  }

  /** Leaves nothing behind but a captured pass that is never used. */
  private captureForNothing(length: number): void {
    const pass = this.bind(length, UNUSED_GRAPH);
    try {
      this.execute(pass, length);
    } finally {
      pass.owner.release();
    }
  }

  /** The lengths of bound passes that cover so many positions, and go no further than there is room. */
  private passLengths(count: number, shortest: number): number[] {
    const lengths: number[] = [];
    for (let left = count, room = this.graph.maxLength - this.filled; left > 0; ) {
      const isLong = left > LONGEST_BOUND_PASS && room >= PROMPT_BLOCK;
      const length = isLong ? PROMPT_BLOCK : Math.max(shortest, Math.min(left, LONGEST_BOUND_PASS));
      lengths.push(length);
      left -= length;
      room -= length;
    }
    return lengths;
  }

  /** Whether passes so long are bound once. */
  private isBound(count: number): boolean {
    return count <= LONGEST_BOUND_PASS || this.capture !== null;
  }

  /** Takes the shortest caches that have room behind what is held; these only grow until nothing is held. */
  private makeRoomFor(count: number): void {
    const { caches, filled, held, memory } = this;
    const fits = caches.find(({ length }) => length >= filled + count) as Caches;
    if (fits === held || (filled > 0 && fits.length < held.length)) return;
    if (filled > 0) memory.moveRows(this.tensorsOf(held), this.tensorsOf(fits), filled);
    this.held = fits;
  }

  /** Each [1, kvHeads, length, headDim], in the order of `cacheNames`; made when they are first needed. */
  private tensorsOf(caches: Caches): readonly Tensor[] {
    const { kvHeads, headDim } = this.graph;
    caches.tensors ??= cacheNames(this.graph).map(({ past }) => {
      const type = this.session.inputs.find(({ name }) => name === past)?.type;
      const shape = [1, kvHeads, caches.length, headDim];
      return this.memory.tensor(type === 'float16' ? 'float16' : 'float32', shape);
    });
    return caches.tensors;
  }

  private hiddenWidth(hidden: string): number {
    const { session, vocabularySize } = this;
    if (!this.isJoined) return widthOf(session.outputs, hidden);
    return widthOf(session.outputs, JOINED) - vocabularySize;
  }

  /** What a pass over so many tokens makes, and how it is read. */
  private outputs(count: number, owner: Owner) {
    const { memory, vocabularySize: size, states } = this;
    const { names } = this.graph;
    if (states && this.isJoined) {
      const row = size + states.width;
      const joined = memory.mirror('float32', [1, count, row], owner);
      const logits = new Float32Array(count * size);
      const read = (position: number) => {
        const { data } = joined.host;
        for (let i = 0; i < count; i++) {
          logits.set(data.subarray(i * row, i * row + size), i * size);
          states.set(position + i, data.subarray(i * row + size, (i + 1) * row));
        }
      };
      return { tensors: { [JOINED]: joined.device }, made: [joined], logits, read };
    }
    const logits = memory.mirror('float32', [1, count, size], owner);
    const hidden = states ? memory.mirror('float32', [1, count, states.width], owner) : null;
    return {
      tensors: {
        [names.logits]: logits.device,
        ...(names.hidden && hidden ? { [names.hidden]: hidden.device } : {}),
      },
      made: hidden ? [logits, hidden] : [logits],
      logits: logits.host.data,
      read: (position: number) => {
        if (hidden) states?.set(position, hidden.host.data);
      },
    };
  }

  private bind(
    count: number,
    graphId = this.caches.indexOf(this.held) * MOST_GRAPHS + count,
  ): Pass {
    const { memory, featureWidth, held } = this;
    const tensors = this.tensorsOf(held);
    const cachesBy = (side: 'past' | 'present') =>
      Object.fromEntries(cacheNames(this.graph).map((name, i) => [name[side], tensors[i]]));
    const { names } = this.graph;
    const owner = new Owner();
    try {
      const ids = memory.mirror('int64', [1, count], owner);
      const features = names.features
        ? memory.mirror('float32', [1, count, featureWidth], owner)
        : null;
      const outputs = this.outputs(count, owner);
      const binding = owner.own(
        new Binding(
          this.session,
          {
            inputs: {
              [names.inputIds]: ids.device,
              [names.seqlensK]: this.lastPosition.device,
              // Read by the processor, on every device.
              [names.totalSequenceLength]: this.totalLength.host,
              ...(names.features && features ? { [names.features]: features.device } : {}),
              ...cachesBy('past'),
            },
            outputs: { ...outputs.tensors, ...cachesBy('present') },
          },
          this.capture ? graphId : undefined,
        ),
      );
      const given = [ids, this.lastPosition, ...(features ? [features] : [])];
      const { logits, read, made } = outputs;
      return { ids, features, logits, read, given, made, binding, owner };
    } catch (error) {
      owner.release();
      throw error;
    }
  }
}

/** Numbers a position of an input or output [1, S, width]. Throws a `pack` failure where it is not so. */
function widthOf(values: readonly ValueInfo[], name: string): number {
  const width = values.find((one) => one.name === name)?.shape[2];
  if (typeof width === 'number') return width;
  throw new FailureError(
    'pack',
    `A graph of this voice pack does not say how wide its "${name}" is.`,
  );
}
