import {
  decodeNeighbours,
  encodeNeighbours,
  type NeighbourTable,
} from '../../main/decoding/neighbours';

/**
 * Groups all of one size, `size` rounded down to an odd number: every token's neighbours are those
 * beside it on a ring, all of them at any θ below 0.5.
 */
export function ringOf(tokens: number, size: number): NeighbourTable {
  const eachSide = (size - 1) >> 1;
  const neighbours = 2 * eachSide;
  const ids = new Uint32Array(tokens * neighbours);
  const cosines = new Float64Array(tokens * neighbours);
  for (let t = 0; t < tokens; t++) {
    for (let i = 0; i < neighbours; i++) {
      const step = (i >> 1) + 1;
      ids[t * neighbours + i] = (t + (i % 2 === 0 ? step : tokens - step)) % tokens;
      cosines[t * neighbours + i] = 0.9 - (0.4 * step) / (eachSide + 1);
    }
  }
  const offsets = Uint32Array.from({ length: tokens + 1 }, (_, t) => t * neighbours);
  // As it comes out of a pack's file.
  return decodeNeighbours(encodeNeighbours({ tokens, floor: 0, offsets, ids, cosines, one: 1 }));
}
