/**
 * Every token's neighbours by falling cosine, down to a floor θ₀, so that a group at any θ ≥ θ₀ is
 * a prefix. Compressed rows: row t is `ids[offsets[t] … offsets[t + 1])`, without t itself.
 */
export type NeighbourTable = {
  /** Tokens of the codebook: 0 … tokens − 1. */
  readonly tokens: number;
  /** θ₀: every pair whose cosine is above it is in the table. */
  readonly floor: number;
  /** [tokens + 1] */
  readonly offsets: Uint32Array;
  /** [pairs] */
  readonly ids: Uint16Array | Uint32Array;
  /** [pairs], falling within a row; what a cosine of 1 is in them is `one`. */
  readonly cosines: Int16Array | Float64Array;
  readonly one: number;
};

/** Rows of a token embedding or an output head, [tokens × width], row by row. */
export type TokenRows = {
  readonly tokens: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
};

/** All pairs of tokens whose rows have a cosine above `floor`. O(tokens² × width). */
export function buildNeighbours(rows: TokenRows, floor: number): NeighbourTable {
  const { tokens } = rows;
  const unit = unitRows(rows);
  const found: { id: number; cosine: number }[][] = Array.from({ length: tokens }, () => []);
  for (let a = 0; a < tokens; a++) {
    for (let b = a + 1; b < tokens; b++) {
      const cosine = dot(unit, rows.width, a, b);
      if (cosine > floor) {
        found[a].push({ id: b, cosine });
        found[b].push({ id: a, cosine });
      }
    }
  }
  const pairs = found.reduce((sum, row) => sum + row.length, 0);
  const table = {
    tokens,
    floor,
    offsets: new Uint32Array(tokens + 1),
    ids: new Uint32Array(pairs),
    cosines: new Float64Array(pairs),
    one: 1,
  };
  let at = 0;
  found.forEach((row, token) => {
    // Ties fall by id, so that a table is the same wherever it is built.
    row.sort((x, y) => y.cosine - x.cosine || x.id - y.id);
    for (const { id, cosine } of row) {
      table.ids[at] = id;
      table.cosines[at] = cosine;
      at++;
    }
    table.offsets[token + 1] = at;
  });
  return table;
}

function unitRows({ tokens, width, values }: TokenRows): Float64Array {
  const unit = new Float64Array(tokens * width);
  for (let t = 0; t < tokens; t++) {
    let square = 0;
    for (let j = 0; j < width; j++) square += values[t * width + j] ** 2;
    const scale = square === 0 ? 0 : 1 / Math.sqrt(square);
    for (let j = 0; j < width; j++) unit[t * width + j] = values[t * width + j] * scale;
  }
  return unit;
}

function dot(unit: Float64Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let j = 0, x = a * width, y = b * width; j < width; j++, x++, y++) sum += unit[x] * unit[y];
  return sum;
}

/*
 * File form, little-endian: "TNBR", version 1 (u32), tokens (u32), pairs (u32), floor (f64), row
 * lengths (u32 × tokens), ids (u16 × pairs, or u32 beyond 65,536 tokens, padded to 4 bytes),
 * cosines as fractions of 32,767 (i16 × pairs).
 */
const MAGIC = 0x52424e54;
const VERSION = 1;
const HEADER_BYTES = 24;
const COSINE_SCALE = 32_767;

const align4 = (bytes: number) => (bytes + 3) & ~3;

/** Writes a table in its file form; cosines keep about four decimals. */
export function encodeNeighbours(table: NeighbourTable): Uint8Array {
  const { tokens, ids } = table;
  const pairs = ids.length;
  const Id = tokens > 0x1_0000 ? Uint32Array : Uint16Array;
  const idsAt = HEADER_BYTES + 4 * tokens;
  const cosinesAt = idsAt + align4(pairs * Id.BYTES_PER_ELEMENT);
  const buffer = new ArrayBuffer(cosinesAt + 2 * pairs);
  const view = new DataView(buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, tokens, true);
  view.setUint32(12, pairs, true);
  view.setFloat64(16, table.floor, true);
  const lengths = new Uint32Array(buffer, HEADER_BYTES, tokens);
  for (let t = 0; t < tokens; t++) lengths[t] = table.offsets[t + 1] - table.offsets[t];
  new Id(buffer, idsAt, pairs).set(ids);
  const cosines = new Int16Array(buffer, cosinesAt, pairs);
  for (let i = 0; i < pairs; i++)
    cosines[i] = Math.round((table.cosines[i] / table.one) * COSINE_SCALE);
  return new Uint8Array(buffer);
}

/**
 * Reads a table from its file form, which it may keep; throws a `RangeError` that says what is wrong
 * with it.
 */
export function decodeNeighbours(bytes: Uint8Array): NeighbourTable {
  // Typed arrays want alignment, which a slice of somebody's buffer does not promise.
  const { buffer, byteOffset, byteLength } =
    bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  if (byteLength < HEADER_BYTES) throw new RangeError('The neighbour table is too short.');
  const view = new DataView(buffer, byteOffset, byteLength);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) {
    throw new RangeError('The neighbour table is not of a version this program reads.');
  }
  const tokens = view.getUint32(8, true);
  const pairs = view.getUint32(12, true);
  const wide = tokens > 0x1_0000;
  const idsAt = HEADER_BYTES + 4 * tokens;
  const cosinesAt = idsAt + align4(pairs * (wide ? 4 : 2));
  if (byteLength !== cosinesAt + 2 * pairs) {
    throw new RangeError('The neighbour table does not have the length its header promises.');
  }
  const lengths = new Uint32Array(buffer, byteOffset + HEADER_BYTES, tokens);
  const offsets = new Uint32Array(tokens + 1);
  let end = 0;
  for (let t = 0; t < tokens && end <= pairs; t++) {
    // A plain number: a sum of 32 bits would begin again at zero, and a row end before it starts.
    end += lengths[t];
    offsets[t + 1] = end;
  }
  if (end !== pairs) {
    throw new RangeError('The rows of the neighbour table do not add up to its pairs.');
  }
  const idsFrom = byteOffset + idsAt;
  const ids = wide
    ? new Uint32Array(buffer, idsFrom, pairs)
    : new Uint16Array(buffer, idsFrom, pairs);
  // A loop, for `some` takes many times as long, and every launch waits for it.
  let largest = 0;
  for (let i = 0; i < pairs; i++) if (ids[i] > largest) largest = ids[i];
  if (pairs > 0 && largest >= tokens) {
    throw new RangeError('The neighbour table names a token outside its codebook.');
  }
  const cosines = new Int16Array(buffer, byteOffset + cosinesAt, pairs);
  return { tokens, floor: view.getFloat64(16, true), offsets, ids, cosines, one: COSINE_SCALE };
}
