import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fittedScale,
  scrolledTo,
  showTime,
  tickStep,
  timeToX,
  xToTime,
  zoomedAt,
} from './time-axis';

const axis = { start: 2, pixelsPerSecond: 200, width: 800 };

describe('time axis', () => {
  it('goes back and forth between time and place', () => {
    expect(timeToX(axis, 3)).toBe(200);
    expect(xToTime(axis, 200)).toBe(3);
  });

  it('keeps the time under the pointer while zooming, away from the ends', () => {
    const zoomed = zoomedAt({ ...axis, start: 40 }, 2, 300, 100);
    expect(zoomed.pixelsPerSecond).toBe(400);
    expect(xToTime(zoomed, 300)).toBeCloseTo(xToTime({ ...axis, start: 40 }, 300), 9);
  });

  it('never shows less than nothing or more than the whole', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.integer({ min: 0, max: 800 }),
        fc.double({ min: 1, max: 1000, noNaN: true }),
        (factor, x, duration) => {
          const fitted = { start: 0, width: 800, pixelsPerSecond: fittedScale(800, duration) };
          const zoomed = zoomedAt(fitted, factor, x, duration);
          expect(zoomed.start).toBeGreaterThanOrEqual(0);
          expect(zoomed.pixelsPerSecond).toBeGreaterThanOrEqual(fitted.pixelsPerSecond);
          const end = zoomed.start + 800 / zoomed.pixelsPerSecond;
          expect(end).toBeLessThanOrEqual(Math.max(duration, 0.8) + 1e-9);
        },
      ),
    );
  });

  it('scrolls to the end and no further', () => {
    expect(scrolledTo(axis, 99, 10).start).toBe(6);
    expect(scrolledTo(axis, -1, 10).start).toBe(0);
  });

  it('labels ticks no closer than asked for', () => {
    expect(tickStep(100, 60)).toBe(1);
    expect(tickStep(1000, 60)).toBe(0.1);
    expect(tickStep(1, 60)).toBe(60);
  });

  it('writes time without a minute of sixty seconds', () => {
    expect(showTime(59.996, 2)).toBe('1:00.00');
    expect(showTime(61.5, 1)).toBe('1:01.5');
    expect(showTime(7, 0)).toBe('0:07');
  });
});
