import { expect, it } from 'vitest';
import { Take } from '../../contract/take';
import { takeId, timestamp } from './take-id';

it('an id sorts by time, to the end of the year 9999', () => {
  const id = takeId(new Date('9999-12-31T23:59:59Z'), () => 0);
  expect(id).toBe('99991231-235959-aaaa');
  expect(Take.shape.id.parse(id)).toBe(id);
});

it.each([['+010000-01-01T00:00:00Z'], ['-000001-01-01T00:00:00Z'], ['never']])(
  'a clock that says %s is said to be wrong, in a sentence',
  (clock) => {
    for (const make of [timestamp, (now: Date) => takeId(now, () => 0)]) {
      expect(() => make(new Date(clock))).toThrow(/^The clock of this computer says a year/);
    }
  },
);
