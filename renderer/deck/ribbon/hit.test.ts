import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimeAxis } from '../time-axis';
import { RibbonCells } from './cells';
import { hit, moved } from './hit';
import { frameToX, frameWidth, layoutOf, visibleFrames, xToFrame } from './layout';

const FRAME_RATE = 50;
const layout = layoutOf(56);
const judged = {
  byToken: false,
  byGroup: false,
  ratio: 0.1,
  massRatio: 0.2,
  group: 1,
  groupSize: 3,
};

/** Frames 0 and 1, a silence of three, frames 5 and 6; a draft was rejected in 1 and in 6. */
function someCells(): RibbonCells {
  const cells = new RibbonCells(false);
  for (const [piece, frame] of [
    [0, 0],
    [1, 5],
  ]) {
    cells.append([
      {
        piece,
        frame,
        judged: [
          { ...judged, token: 7, accepted: true, byToken: true, byGroup: true },
          { ...judged, token: 8, accepted: false },
        ],
        ignored: [],
        drawn: { token: 9, kind: 'recovered' },
        ended: false,
      },
    ]);
  }
  return cells;
}

const axes = fc.record({
  start: fc.double({ min: 0, max: 100, noNaN: true }),
  pixelsPerSecond: fc.double({ min: 5, max: 1000, noNaN: true }),
  width: fc.integer({ min: 50, max: 3000 }),
});

describe('layout', () => {
  it('finds each frame again at its left edge and its middle', () => {
    fc.assert(
      fc.property(axes, fc.nat(20_000), (axis, frame) => {
        const left = frameToX(axis, FRAME_RATE, frame);
        expect(xToFrame(axis, FRAME_RATE, left)).toBe(frame);
        const middle = left + frameWidth(axis, FRAME_RATE) / 2;
        expect(xToFrame(axis, FRAME_RATE, middle)).toBe(frame);
      }),
    );
  });

  it('sees every frame in sight and none that is wholly out of it', () => {
    fc.assert(
      fc.property(axes, fc.nat(20_000), (axis, frames) => {
        const { first, end } = visibleFrames(axis, FRAME_RATE, frames);
        const inSight = (frame: number) =>
          frameToX(axis, FRAME_RATE, frame + 1) > 1e-3 &&
          frameToX(axis, FRAME_RATE, frame) < axis.width - 1e-3;
        if (first > 0 && first < frames) expect(inSight(first - 1)).toBe(false);
        if (end < frames) expect(inSight(end)).toBe(false);
        expect(end).toBeLessThanOrEqual(frames);
      }),
    );
  });
});

describe('hit', () => {
  const axis: TimeAxis = { start: 0, pixelsPerSecond: 500, width: 400 };
  const at = (frame: number, y: number) =>
    hit({ x: frameToX(axis, FRAME_RATE, frame) + 5, y }, someCells(), axis, FRAME_RATE, layout);

  it('tells the token from the draft that was rejected below it', () => {
    expect(at(1, layout.top + 1)).toEqual({ frame: 1, part: 'token' });
    expect(at(1, layout.ghostTop + 1)).toEqual({ frame: 1, part: 'rejected' });
    expect(at(0, layout.ghostTop + 1)).toEqual({ frame: 0, part: 'token' });
  });

  it('finds nothing in a silence and beyond the end', () => {
    expect(at(3, layout.top + 1)).toBeNull();
    expect(at(7, layout.top + 1)).toBeNull();
  });
});

describe('moved', () => {
  const cells = someCells();
  const from = (frame: number, part: 'token' | 'rejected' = 'token') => ({ frame, part });

  it('walks by frame, over silences, and stays at the ends', () => {
    expect(moved(from(1), 'ArrowRight', cells)).toEqual(from(5));
    expect(moved(from(5), 'ArrowLeft', cells)).toEqual(from(1));
    expect(moved(from(6), 'ArrowRight', cells)).toEqual(from(6));
    expect(moved(from(0), 'ArrowLeft', cells)).toEqual(from(0));
    expect(moved(from(5), 'Home', cells)).toEqual(from(0));
    expect(moved(from(0), 'End', cells)).toEqual(from(6));
  });

  it('goes down to a rejected draft only where there is one, and up again', () => {
    expect(moved(from(1), 'ArrowDown', cells)).toEqual(from(1, 'rejected'));
    expect(moved(from(0), 'ArrowDown', cells)).toEqual(from(0));
    expect(moved(from(1, 'rejected'), 'ArrowUp', cells)).toEqual(from(1));
  });
});
