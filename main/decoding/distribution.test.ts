import { expect, it } from 'vitest';
import { Draws, drawFrom } from './distribution';
import { seededUniform } from './random';

it('drawing again and again from one distribution gives what single draws give', () => {
  const uniform = seededUniform(5);
  const d = Float32Array.from({ length: 400 }, () => (uniform() < 0.5 ? 0 : uniform()));
  const total = d.reduce((sum, mass) => sum + mass, 0);
  // A sum that is a hair under 1, with tokens of probability 0 at both ends.
  for (let t = 0; t < d.length; t++) d[t] *= 0.999_999 / total;
  d[0] = 0;
  d.fill(0, 390);
  const draws = new Draws(d.length);
  draws.begin(d);
  const numbers = [0, 0.999_999_9, 1 - 2 ** -53, ...Array.from({ length: 2000 }, uniform)];
  for (const u of numbers) {
    const token = drawFrom(d, u);
    expect(d[token]).toBeGreaterThan(0);
    expect(draws.draw(u)).toBe(token);
  }
});
