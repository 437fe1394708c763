import { tokensOver } from './row';

/** Values under 1 fall into one of these by their leading bits: 8 for each power of two. */
const BUCKETS = 1024;

/**
 * Takes tokens out of a distribution by falling probability, the lower id first among equals. Only
 * as many as may be asked for are put into order. Holds scratch space: nothing is allocated.
 */
export class MostProbable {
  private readonly heap: Uint32Array;
  private size = 0;
  private readonly counts = new Uint32Array(BUCKETS);
  private readonly masses = new Float64Array(BUCKETS);
  private p: Float32Array = new Float32Array(0);
  private bits: Uint32Array = new Uint32Array(0);

  constructor(vocabularySize: number) {
    this.heap = new Uint32Array(vocabularySize);
  }

  /** Tokens left to take. */
  get left(): number {
    return this.size;
  }

  /** Begins with the tokens of p over 0, or fewer: no fewer than the `count` most probable ones. */
  begin(p: Float32Array, count: number): void {
    const gathered = this.gather(p, 0);
    const lowest = this.lowestBucket(count, 0);
    const { heap, bits } = this;
    let size = 0;
    for (let i = 0; i < gathered; i++) {
      const t = heap[i];
      if (bits[t] >>> 20 >= lowest) heap[size++] = t;
    }
    this.pile(size);
  }

  /**
   * Writes into `out` the fewest tokens of p over `bound` that hold `mass`, the most probable ones
   * and one at least, and returns how many they are. Only the last bucket of them is put into order,
   * however many there are.
   */
  nucleus(p: Float32Array, bound: number, mass: number, out: Uint32Array): number {
    const gathered = this.gather(p, bound);
    const lowest = this.lowestBucket(0, mass);
    const { heap, bits } = this;
    let size = 0;
    let count = 0;
    let held = 0;
    for (let i = 0; i < gathered; i++) {
      const t = heap[i];
      const bucket = bits[t] >>> 20;
      if (bucket > lowest) {
        out[count++] = t;
        held += p[t];
      } else if (bucket === lowest) heap[size++] = t;
    }
    this.pile(size);
    while (this.size > 0 && (held < mass || count === 0)) {
      out[count] = this.take();
      held += p[out[count++]];
    }
    return count;
  }

  take(): number {
    const { heap } = this;
    const first = heap[0];
    heap[0] = heap[--this.size];
    this.sink(0);
    return first;
  }

  /** The buffers of a run are few, and a view of one is kept while it is the one in use. */
  private read(p: Float32Array): void {
    if (this.p === p) return;
    this.p = p;
    this.bits = new Uint32Array(p.buffer, p.byteOffset, p.length);
  }

  /** Puts the first `size` tokens of the heap in their places. */
  private pile(size: number): void {
    this.size = size;
    for (let at = (size >> 1) - 1; at >= 0; at--) this.sink(at);
  }

  /** Puts the tokens over `bound` into the heap, as they come, and into their buckets; returns how many. */
  private gather(p: Float32Array, bound: number): number {
    this.read(p);
    const { counts, masses, bits, heap } = this;
    counts.fill(0);
    masses.fill(0);
    const size = tokensOver(p, bound, heap);
    for (let i = 0; i < size; i++) {
      const t = heap[i];
      const bucket = bits[t] >>> 20;
      counts[bucket]++;
      masses[bucket] += p[t];
    }
    return size;
  }

  /** The highest bucket that, with those above it, has so many tokens and so much mass. */
  private lowestBucket(count: number, mass: number): number {
    const { counts, masses } = this;
    let counted = 0;
    let held = 0;
    let bucket = BUCKETS;
    // A sum in another order may come out a little lower.
    while (bucket > 0 && (counted < count || held < mass + 1e-9)) {
      bucket--;
      counted += counts[bucket];
      held += masses[bucket];
    }
    return bucket;
  }

  private sink(from: number): void {
    const { heap, p, size } = this;
    const token = heap[from];
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && comesBefore(p, heap[child + 1], heap[child])) child++;
      if (!comesBefore(p, heap[child], token)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = token;
  }
}

function comesBefore(p: Float32Array, a: number, b: number): boolean {
  return p[a] > p[b] || (p[a] === p[b] && a < b);
}
