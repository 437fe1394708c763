import { join } from 'node:path';
import { expect, it } from 'vitest';
import { comparisonTable, freePaths } from './samples.mjs';

const report = {
  method: 'exact',
  acceptanceRate: 0.5,
  blockEfficiency: 2.25,
  tokensPerSecond: 100,
  realTimeFactor: 0.5,
  seconds: 4,
  wallMs: 2000,
  out: '/somewhere/exact.wav',
};

it('shows both renders side by side with the ratio and where they are', () => {
  const pcg = { ...report, tokensPerSecond: 150, acceptanceRate: null, out: '/somewhere/pcg.wav' };
  const table = comparisonTable(report, pcg);
  expect(table).toMatch(/^acceptance rate α +0\.500 +-$/m);
  expect(table).toMatch(/^tokens per second +100\.0 +150\.0$/m);
  expect(table).toContain('PCG made 1.50 times as many tokens a second');
  expect(table).toMatch(/^exact {2}\/somewhere\/exact\.wav\nPCG {4}\/somewhere\/pcg\.wav$/m);
});

it('never chooses a name that is taken, and numbers the pair together', () => {
  const taken = new Set([join('here', 'exact.wav'), join('here', 'pcg-2.wav')]);
  expect(freePaths('here', (path) => taken.has(path))).toEqual([
    join('here', 'exact-3.wav'),
    join('here', 'pcg-3.wav'),
  ]);
});
