import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** The next uniform number in [0, 1). Everything random in decoding comes through one of these. */
export type Uniform = () => number;

/**
 * A repeatable sequence of uniform numbers. Streams of one seed never meet, so the pieces of a
 * split text stay independent of each other's lengths.
 */
export function seededUniform(seed: number, stream = 0): Uniform {
  // Seeded plainly, this generator begins every small seed with 0.9999…: the state is mixed first.
  const generator = xoroshiro128plusFromState([1, 2, 3, 4].map((word) => mix(seed, word)));
  for (let i = 0; i < stream; i++) generator.jump();
  return () => uniformFloat64(generator);
}

/** SplitMix32: the n-th output for a seed, a 32-bit integer. */
function mix(seed: number, n: number): number {
  let z = (seed + Math.imul(n, 0x9e3779b9)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}
