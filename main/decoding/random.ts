import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** The next uniform number in [0, 1). Everything random in decoding comes through one of these. */
export type Uniform = () => number;

/**
 * A repeatable sequence of uniform numbers. Streams of one seed never meet, so the pieces of a
 * split text stay independent of each other's lengths.
 */
export function seededUniform(seed: number, stream = 0): Uniform {
  const generator = xoroshiro128plus(seed | 0);
  for (let i = 0; i < stream; i++) generator.jump();
  return () => uniformFloat64(generator);
}
