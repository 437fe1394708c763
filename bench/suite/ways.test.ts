import { expect, it } from 'vitest';
import { waysFor } from './ways';

it('decodes plainly, exactly, and coarse-grained at every lookahead', () => {
  const ways = waysFor(3);
  expect(ways.map(({ name }) => name)).toEqual([
    'plain',
    'exact, K 3',
    'exact, adaptive',
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((k) => `PCG, K ${k}`),
    'PCG, adaptive',
  ]);
  expect(ways.at(-1)).toEqual({ name: 'PCG, adaptive', method: 'pcg', lookahead: 'adaptive' });
});
