import { expect, it } from 'vitest';
import { Deaths } from './engine-deaths';

const MINUTE = 60_000;

it('allows a restart after two deaths within five minutes, and none after the third', () => {
  const deaths = new Deaths();
  expect([0, 1, 2].map((minute) => deaths.count(minute * MINUTE))).toEqual([true, true, false]);
});

it('forgets deaths that are five minutes old, and all once the user restarts', () => {
  const deaths = new Deaths();
  const allowed = [0, 4, 5, 9.5, 9.8].map((minute) => deaths.count(minute * MINUTE));
  expect(allowed).toEqual([true, true, true, true, false]);
  deaths.forget();
  expect(deaths.count(9.9 * MINUTE)).toBe(true);
});
