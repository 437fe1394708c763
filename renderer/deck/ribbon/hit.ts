import type { TimeAxis } from '../time-axis';
import type { RibbonCells } from './cells';
import { type RibbonLayout, xToFrame } from './layout';

/** What can be inspected: the token of a frame, or the draft that was rejected there. */
export interface RibbonPlace {
  frame: number;
  part: 'token' | 'rejected';
}

/** What stands at a point of the ribbon, in CSS pixels; null where there is nothing. */
export function hit(
  point: { x: number; y: number },
  cells: RibbonCells,
  axis: TimeAxis,
  frameRate: number,
  layout: RibbonLayout,
): RibbonPlace | null {
  const frame = xToFrame(axis, frameRate, point.x);
  const detail = cells.detail(frame);
  if (!detail) return null;
  const below = point.y >= (layout.base + layout.ghostTop) / 2;
  return { frame, part: below && detail.rejected ? 'rejected' : 'token' };
}

/** Where an arrow key leads from a place; the same place when there is nothing further. */
export function moved(place: RibbonPlace, key: string, cells: RibbonCells): RibbonPlace {
  const to = (frame: number | null): RibbonPlace =>
    frame === null ? place : { frame, part: 'token' };
  if (key === 'ArrowRight') return to(cells.nearest(place.frame + 1, 1));
  if (key === 'ArrowLeft') return to(cells.nearest(place.frame - 1, -1));
  if (key === 'Home') return to(cells.nearest(0, 1));
  if (key === 'End') return to(cells.nearest(cells.frames - 1, -1));
  if (key === 'ArrowUp') return { ...place, part: 'token' };
  if (key === 'ArrowDown' && cells.detail(place.frame)?.rejected) {
    return { ...place, part: 'rejected' };
  }
  return place;
}
