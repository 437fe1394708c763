import { expect, test } from 'vitest';
import type { Take } from '../../contract/take';
import { exampleSettings } from '../testing/fake-bridge';
import { findSettings, likeliestPair, rowsOf } from './rows-of-takes';

const PACK = '0'.repeat(64);
let made = 0;
const take = (change: Partial<Take> & { method?: 'exact' | 'pcg'; seed?: number }): Take => {
  const { method = 'pcg', seed = 7, ...rest } = change;
  made += 1;
  return {
    id: `example-take-${made}`,
    text: 'One.',
    status: 'finished',
    frames: 10,
    pair: null,
    settings: { ...exampleSettings, method, seed },
    pack: { sha256: PACK },
    ...rest,
  } as Take;
};

test('takes are paired by text: with the other half of a pair, else by seed, else with any', () => {
  const pcg = [
    take({ seed: 1 }),
    take({ seed: 2 }),
    take({ seed: 3, pair: 'p' }),
    take({ text: 'Alone.' }),
  ];
  const exact = [
    take({ method: 'exact', seed: 9 }),
    take({ method: 'exact', seed: 2 }),
    take({ method: 'exact', seed: 1, pair: 'p' }),
    take({ method: 'exact', text: 'Alone, too.' }),
  ];
  const found = findSettings([...pcg, ...exact], PACK);
  const pair = likeliestPair(found);
  expect(pair?.map((index) => found[index].settings.method)).toEqual(['exact', 'pcg']);
  const [a, b] = (pair ?? []).map((index) => found[index]);
  expect(rowsOf(a, b)).toEqual([
    [exact[2].id, pcg[2].id],
    [exact[1].id, pcg[1].id],
    [exact[0].id, pcg[0].id],
  ]);
});

test('takes that broke off, or are of another pack, are none', () => {
  const all = [
    take({ status: 'failed' }),
    take({ frames: 0 }),
    take({ pack: { sha256: 'other' } as Take['pack'] }),
  ];
  expect(findSettings(all, PACK)).toEqual([]);
  expect(likeliestPair(findSettings([take({})], PACK))).toBeNull();
});
