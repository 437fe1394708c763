import { bufferOf, discard } from './copies';
import type { DecoderGraph } from './messages';
import { type InferenceSession, type OnnxValueMapType, Tensor } from './onnxruntime';
import type { Device } from './session';

/**
 * Positions by which a cache grows. A graph clears as much memory as its caches have at every pass, so
 * a cache is to be hardly longer than what it holds.
 */
const CACHE_STEP = 128;

/**
 * The output of a graph that keeps its caches to itself: what it wrote into them, of their type, [caches, kvHeads,
 * positions written, headDim], the caches in the order of `cacheNames`.
 */
export const CACHE_ROWS = 'cache.rows';

/** A cache as a graph takes it and as it gives it back. */
export type CacheName = { past: string; present: string };

/** Every key and value cache of a decoder, layer by layer. */
export function cacheNames(graph: DecoderGraph): CacheName[] {
  const { pastKey, pastValue, presentKey, presentValue } = graph.names;
  return Array.from({ length: graph.layers }, (_, layer) => {
    const named = (name: string) => name.replace('{layer}', String(layer));
    return [
      { past: named(pastKey), present: named(presentKey) },
      { past: named(pastValue), present: named(presentValue) },
    ];
  }).flat();
}

/**
 * A decoder's caches, each [1, kvHeads, capacity, headDim], shared by all graphs of its weights.
 * What is valid in them is told by `length` alone.
 */
export class KeyValueCaches {
  readonly maxLength: number;
  readonly names: readonly CacheName[];
  /** By input name. */
  readonly tensors: Record<string, Tensor> = {};
  /** What the CPU's tensors hold, in the order of `names`: asking a tensor for its data takes longer than a row. */
  private held: Numbers[] = [];
  /** Memory that they are in, and that of before they moved last: they move there and back from take to take. */
  private room: Numbers | null = null;
  private spare: Numbers | null = null;
  /** The rows of each cache in a tensor that is used again and again. */
  private readonly rowsIn = new WeakMap<Tensor, Numbers[]>();
  private filled = 0;
  private timesMoved = 0;
  /** Positions that the caches have room for. */
  private capacity = 0;
  /** A GPU's caches stay where they are, and a graph may ask for all of theirs. */
  private readonly canGrow: boolean;
  private readonly type: 'float32' | 'float16';

  constructor(
    private readonly graph: DecoderGraph,
    session: InferenceSession,
    device: Device,
  ) {
    this.maxLength = graph.maxLength;
    this.names = cacheNames(graph);
    const cache = session.inputMetadata.find(({ name }) => name === this.names[0].past);
    this.canGrow =
      device === 'cpu' && cache?.isTensor === true && typeof cache.shape[2] === 'string';
    this.type = cache?.isTensor && cache.type === 'float16' ? 'float16' : 'float32';
    this.makeRoomFor(1);
  }

  get length(): number {
    return this.filled;
  }

  /** How often the tensors were changed for others by growing or shrinking. */
  get moves(): number {
    return this.timesMoved;
  }

  /**
   * Lets the caches hold so many positions behind those in use; these stay, and empty caches may
   * shrink. Throws a `RangeError` where the graph has no room for them.
   */
  makeRoomFor(count: number): void {
    const positions = this.filled + count;
    if (positions > this.maxLength) {
      throw new RangeError(
        `${count} tokens do not fit behind ${this.filled} of ${this.maxLength} positions.`,
      );
    }
    const room = this.canGrow ? Math.ceil(positions / CACHE_STEP) * CACHE_STEP : this.maxLength;
    const capacity = Math.min(room, this.maxLength);
    if (capacity === this.capacity || (capacity < this.capacity && this.filled > 0)) return;
    this.move(capacity);
  }

  /** Counts positions that a pass has written, or that are to count as written. */
  advance(count: number): void {
    this.filled += count;
  }

  /** Forgets positions from `length` on. */
  rollback(length: number): void {
    this.filled = Math.min(this.filled, length);
  }

  /**
   * On a GPU, forgets everything: what a session made there ends with it, and to feed or drop it
   * afterwards ends the process. The next use begins with caches that no session made.
   */
  leaveDevice(): void {
    const { tensors } = this;
    if (!Object.values(tensors).some(({ location }) => location === 'gpu-buffer')) return;
    letGo(Object.values(tensors));
    for (const { past } of this.names) delete tensors[past];
    this.filled = 0;
    this.capacity = 0;
  }

  /** Numbers of `CACHE_ROWS` a position. */
  get rowSize(): number {
    return this.names.length * this.graph.kvHeads * this.graph.headDim;
  }

  /** Room for `CACHE_ROWS` of so many positions. */
  rowsOf(count: number): Tensor {
    const { kvHeads, headDim } = this.graph;
    const shape = [this.names.length, kvHeads, count, headDim];
    const size = shape.reduce((product, side) => product * side);
    return new Tensor(this.type, this.numbers(size), shape);
  }

  /** Puts `CACHE_ROWS` of so many positions behind what the caches hold. */
  append(written: Tensor, count: number): void {
    const { kvHeads, headDim } = this.graph;
    let rows = this.rowsIn.get(written);
    if (rows === undefined) {
      rows = this.parted(written.data as Numbers, count * headDim);
      this.rowsIn.set(written, rows);
    }
    let part = 0;
    for (const cache of this.held) {
      for (let head = 0; head < kvHeads; head++) {
        cache.set(rows[part++], (head * this.capacity + this.filled) * headDim);
      }
    }
    this.advance(count);
  }

  /** Takes whole caches that a pass of so many positions returned, and lets go of the old. */
  replace(outputs: OnnxValueMapType, count: number): void {
    const left = Object.values(this.tensors);
    for (const { past, present } of this.names) this.tensors[past] = outputs[present] as Tensor;
    letGo(left);
    this.room = null;
    this.advance(count);
  }

  /** `CACHE_ROWS` cache by cache and head by head, of so many numbers each. */
  private parted(rows: Numbers, size: number): Numbers[] {
    const count = this.names.length * this.graph.kvHeads;
    return Array.from({ length: count }, (_, i) => rows.subarray(i * size, (i + 1) * size));
  }

  private numbers(count: number): Numbers {
    return this.type === 'float16' ? new Uint16Array(count) : new Float32Array(count);
  }

  private move(capacity: number): void {
    const { kvHeads, headDim } = this.graph;
    const left = Object.values(this.tensors);
    const size = kvHeads * capacity * headDim;
    const room = this.roomFor(this.names.length * size);
    const moved: Numbers[] = [];
    for (const [index, { past }] of this.names.entries()) {
      const cache = room.subarray(index * size, (index + 1) * size);
      if (this.filled > 0) {
        const old = this.tensors[past].data as Numbers;
        for (let head = 0; head < kvHeads; head++) {
          const from = head * this.capacity * headDim;
          const held = old.subarray(from, from + this.filled * headDim);
          cache.set(held, head * capacity * headDim);
        }
      }
      this.tensors[past] = new Tensor(this.type, cache, [1, kvHeads, capacity, headDim]);
      moved.push(cache);
    }
    this.held = moved;
    if (this.room) this.spare = this.room;
    else letGo(left);
    this.room = room;
    this.capacity = capacity;
    this.timesMoved++;
  }

  /** The spare memory, or as much as is asked for in its place. What it holds is not to be read. */
  private roomFor(count: number): Numbers {
    const { spare } = this;
    this.spare = null;
    if (spare && spare.length >= count) return spare;
    if (spare) discard([spare.buffer as ArrayBuffer]);
    return this.numbers(count);
  }
}

/** Lets go of their memory where it is, at once: garbage is collected late. */
function letGo(caches: Tensor[]): void {
  const buffers: ArrayBuffer[] = [];
  for (const cache of caches) {
    if (cache.location === 'gpu-buffer') cache.dispose();
    else buffers.push(bufferOf(cache));
  }
  // Several may lie in one.
  discard([...new Set(buffers)]);
}

/** Half precision as its bits. */
type Numbers = Float32Array | Uint16Array;
