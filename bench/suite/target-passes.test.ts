import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { pairOf, syntheticPair } from '../synthetic/pair';
import { measurePasses } from './target-passes';

it('times passes of every length and counts their operators', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-passes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const size = { layers: 2, width: 128, heads: 2, kvHeads: 1, feedForward: 256, vocabulary: 512 };
  const pair = await syntheticPair(pairOf(size), folder);
  const place = { name: 'CPU, 1 thread', device: 'cpu', threads: 1 } as const;
  const passes = await measurePasses(pair, [place], 4);
  expect(passes).toMatchObject({ layers: 2, width: 128, position: 200, lengths: [1, 5, 9] });
  const [here] = passes.places;
  expect(here).toMatchObject({ place: place.name, onGpu: false, captured: false, programs: null });
  expect(here.ms).toHaveLength(3);
  for (const ms of here.ms) expect(ms).toBeGreaterThan(0);
  // Seven products a layer and the head's, and something for all else.
  expect(here.operators).toBeGreaterThan(15);
});
