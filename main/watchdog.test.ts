import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Watchdog } from './watchdog';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('bites once after a silence, and not before', () => {
  const bite = vi.fn();
  const watchdog = new Watchdog(3, bite);
  vi.advanceTimersByTime(2900);
  watchdog.heard();
  vi.advanceTimersByTime(2000);
  expect(bite).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(bite).toHaveBeenCalledTimes(1);
});

it('takes a sleep of the machine for one second at most', () => {
  const bite = vi.fn();
  new Watchdog(3, bite);
  // The clock goes on while timers do not.
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(2000);
  expect(bite).not.toHaveBeenCalled();
});

it('that was stopped bites no more', () => {
  const bite = vi.fn();
  new Watchdog(3, bite).stop();
  vi.advanceTimersByTime(60_000);
  expect(bite).not.toHaveBeenCalled();
});
