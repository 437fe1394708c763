import type { NeighbourTable } from './neighbours';

/**
 * Acoustic similarity groups at one θ: G(k) = { t : cos(E[k], E[t]) > θ } ∪ {k}. Tokens outside
 * the codebook are singletons. A view of the neighbour table: changing θ copies no ids.
 */
export interface Groups {
  readonly theta: number;
  /** Tokens of the vocabulary, those outside the codebook included. */
  readonly vocabularySize: number;
  /** |G(k)| */
  size(k: number): number;
  /** Member i of G(k), 0 ≤ i < size(k); member 0 is k itself, the others fall by cosine. */
  member(k: number, i: number): number;
  /** n(t) = |S(t)|, the number of groups that hold t. */
  ownerCount(t: number): number;
  /** Owner i of t, 0 ≤ i < ownerCount(t). */
  owner(t: number, i: number): number;
  /** D(k) = Σ_{t∈G(k)} d(t) ÷ n(t): the coarse mass of G(k) under d, [vocabularySize]. */
  mass(d: Float32Array | Float64Array, k: number): number;
  /** D(k) of every group, into `out`, [vocabularySize]. */
  masses(d: Float32Array | Float64Array, out: Float64Array): void;
}

/**
 * Groups at θ, −1 ≤ θ ≤ 1 and not under the table's floor. `cap` bounds a group's size, nearest
 * members first; it breaks the relation's symmetry, so the owners are then the transpose.
 * Throws a `RangeError` for a θ that the table cannot answer.
 */
export function groupsAt(
  table: NeighbourTable,
  theta: number,
  vocabularySize = table.tokens,
  cap = Number.POSITIVE_INFINITY,
): Groups {
  if (!(theta >= -1 && theta <= 1)) {
    throw new RangeError(`θ must lie from −1 to 1, but it is ${theta}.`);
  }
  if (theta < table.floor) {
    throw new RangeError(`θ ${theta} is under the floor ${table.floor} of this neighbour table.`);
  }
  const sizes = sizesAt(table, theta, vocabularySize);
  let symmetric = true;
  for (let t = 0; t < table.tokens; t++) {
    if (sizes[t] < cap) continue;
    sizes[t] = cap;
    symmetric = false;
  }
  return new TableGroups(theta, table, sizes, symmetric ? null : transpose(table, sizes));
}

/** Each token its own group: under these the coarse-grained rule is exact speculative decoding. */
export function singletonGroups(vocabularySize: number): Groups {
  const none = { tokens: 0, floor: -1, offsets: new Uint32Array(1), ids: new Uint32Array(0) };
  return groupsAt({ ...none, cosines: new Float64Array(0), one: 1 }, 1, vocabularySize);
}

/** |G(k)| of every k: those of a cosine above θ are a prefix of its row. */
function sizesAt(
  { tokens, offsets, cosines, one }: NeighbourTable,
  theta: number,
  vocabularySize: number,
): Uint32Array {
  const sizes = new Uint32Array(vocabularySize).fill(1);
  const bound = theta * one;
  for (let t = 0; t < tokens; t++) {
    const start = offsets[t];
    let low = start;
    let high = offsets[t + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cosines[middle] > bound) low = middle + 1;
      else high = middle;
    }
    sizes[t] = 1 + low - start;
  }
  return sizes;
}

type Owners = { offsets: Uint32Array; ids: Uint32Array };

function transpose(table: NeighbourTable, sizes: Uint32Array): Owners {
  const offsets = new Uint32Array(sizes.length + 1);
  const eachPair = (visit: (k: number, t: number) => void) => {
    for (let k = 0; k < sizes.length; k++) {
      visit(k, k);
      for (let i = 0; i < sizes[k] - 1; i++) visit(k, table.ids[table.offsets[k] + i]);
    }
  };
  eachPair((_, t) => {
    offsets[t + 1]++;
  });
  for (let t = 0; t < sizes.length; t++) offsets[t + 1] += offsets[t];
  const ids = new Uint32Array(offsets[sizes.length]);
  const next = offsets.slice();
  eachPair((k, t) => {
    ids[next[t]++] = k;
  });
  return { offsets, ids };
}

class TableGroups implements Groups {
  readonly vocabularySize: number;
  /** d(t) ÷ n(t), [vocabularySize]; made when it is first needed. */
  private shares: Float64Array | null = null;

  constructor(
    readonly theta: number,
    private readonly table: NeighbourTable,
    private readonly sizes: Uint32Array,
    /** Null where the relation is symmetric, that is S(t) = G(t). */
    private readonly owners: Owners | null,
  ) {
    this.vocabularySize = sizes.length;
  }

  size(k: number): number {
    return this.sizes[k];
  }

  member(k: number, i: number): number {
    return i === 0 ? k : this.table.ids[this.table.offsets[k] + i - 1];
  }

  ownerCount(t: number): number {
    return this.owners === null
      ? this.sizes[t]
      : this.owners.offsets[t + 1] - this.owners.offsets[t];
  }

  owner(t: number, i: number): number {
    return this.owners === null ? this.member(t, i) : this.owners.ids[this.owners.offsets[t] + i];
  }

  mass(d: Float32Array | Float64Array, k: number): number {
    const others = this.sizes[k] - 1;
    let sum = d[k] / this.ownerCount(k);
    if (others === 0) return sum;
    const { ids } = this.table;
    const start = this.table.offsets[k];
    for (let i = start; i < start + others; i++) {
      const t = ids[i];
      // Behind top-k or top-p nearly all is 0, and to divide takes longer than all else here.
      if (d[t] > 0) sum += d[t] / this.ownerCount(t);
    }
    return sum;
  }

  masses(d: Float32Array | Float64Array, out: Float64Array): void {
    this.shares ??= new Float64Array(this.vocabularySize);
    const { shares, sizes } = this;
    const { ids, offsets } = this.table;
    for (let t = 0; t < shares.length; t++) shares[t] = d[t] / this.ownerCount(t);
    for (let k = 0; k < shares.length; k++) {
      let sum = shares[k];
      const others = sizes[k] - 1;
      for (let i = 0; i < others; i++) sum += shares[ids[offsets[k] + i]];
      out[k] = sum;
    }
  }
}

/** Group sizes at one θ, over the tokens of the codebook. */
export type GroupStatistics = {
  theta: number;
  meanSize: number;
  medianSize: number;
  singletons: number;
  /** Of the member ids at this θ, 4 bytes each, as the paper counts them (its §3). */
  bytes: number;
};

/** Mean, median, singletons and memory of the groups at θ, which the table must reach. */
export function groupStatistics(table: NeighbourTable, theta: number): GroupStatistics {
  const { tokens } = table;
  const sizes = sizesAt(table, theta, tokens);
  let total = 0;
  let largest = 1;
  for (let t = 0; t < tokens; t++) {
    total += sizes[t];
    if (sizes[t] > largest) largest = sizes[t];
  }
  /** Groups of each size. */
  const counts = new Uint32Array(largest + 1);
  for (let t = 0; t < tokens; t++) counts[sizes[t]]++;
  /** The n-th smallest size, from 0. */
  const ranked = (n: number) => {
    let size = 0;
    for (let left = n; left >= counts[size]; size++) left -= counts[size];
    return size;
  };
  return {
    theta,
    meanSize: total / tokens,
    medianSize: (ranked((tokens - 1) >> 1) + ranked(tokens >> 1)) / 2,
    singletons: counts[1],
    bytes: 4 * total,
  };
}
