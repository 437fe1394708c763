import { describe, expect, it } from 'vitest';
import { seededUniform } from './random';
import { chiSquarePValue } from './testing/chi-square';

describe('seeded uniform numbers', () => {
  it('repeat for a seed and differ between streams', () => {
    const draw = (seed: number, stream?: number) => {
      const uniform = seededUniform(seed, stream);
      return Array.from({ length: 20 }, uniform);
    };
    expect(draw(7)).toEqual(draw(7, 0));
    expect(draw(7, 1)).not.toEqual(draw(7, 0));
    expect(draw(0xffff_ffff)).toEqual(draw(0xffff_ffff));
  });

  it.each([0, 1, 2, 5])('number %i after the seed is uniform over neighbouring seeds', (skip) => {
    const cells = new Float64Array(50);
    for (let seed = 0; seed < 20_000; seed++) {
      const uniform = seededUniform(seed);
      for (let i = 0; i < skip; i++) uniform();
      cells[Math.floor(uniform() * 50)]++;
    }
    expect(chiSquarePValue(cells, new Float64Array(50).fill(1 / 50))).toBeGreaterThan(1e-3);
  });

  it('are uniform and uncorrelated within a seed', () => {
    const uniform = seededUniform(3);
    const pairs = new Float64Array(100);
    for (let i = 0; i < 100_000; i++) {
      pairs[Math.floor(uniform() * 10) * 10 + Math.floor(uniform() * 10)]++;
    }
    expect(chiSquarePValue(pairs, new Float64Array(100).fill(1 / 100))).toBeGreaterThan(1e-3);
  });
});
