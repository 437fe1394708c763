import type { TimeAxis } from '../time-axis';
import { timeToX, xToTime } from '../time-axis';
import type { CellKind, GhostKind } from './cells';

/** Heights tell the kinds apart where colours cannot. Shares of the room above the base line. */
export const CELL_HEIGHTS: Record<CellKind, number> = {
  silence: 0,
  plain: 0.62,
  keptByBoth: 1,
  keptByToken: 0.87,
  keptByGroup: 0.74,
  bonus: 0.5,
  recovered: 0.32,
};

/** Shares of the room below the base line. */
export const GHOST_DEPTHS: Record<GhostKind, number> = {
  none: 0,
  refusedByBoth: 0.45,
  keptByGroupOnly: 0.72,
  keptByTokenOnly: 1,
};

/** Where things stand in the ribbon, in CSS pixels from its top. */
export interface RibbonLayout {
  /** The tallest cell begins here; cells stand on `base`. */
  top: number;
  base: number;
  /** Ghosts hang from here to at most `bottom`. */
  ghostTop: number;
  bottom: number;
}

const MARGIN = 3;
const GAP = 3;
const CELLS_SHARE = 0.68;

export function layoutOf(height: number): RibbonLayout {
  const room = Math.max(0, height - 2 * MARGIN - GAP);
  const base = MARGIN + Math.round(room * CELLS_SHARE);
  return { top: MARGIN, base, ghostTop: base + GAP, bottom: MARGIN + GAP + room };
}

/** Frames narrower than this are drawn as columns of several frames each. */
export const NARROWEST_CELL = 3;
export const COLUMN_WIDTH = 2;

export function frameWidth(axis: TimeAxis, frameRate: number): number {
  return axis.pixelsPerSecond / frameRate;
}

export function frameToX(axis: TimeAxis, frameRate: number, frame: number): number {
  return timeToX(axis, frame / frameRate);
}

export function xToFrame(axis: TimeAxis, frameRate: number, x: number): number {
  // The left edge of a frame belongs to it in spite of rounding.
  return Math.floor(xToTime(axis, x) * frameRate + 1e-6);
}

/** Frames of [0, frames) that are at least partly in sight, [first, end). */
export function visibleFrames(
  axis: TimeAxis,
  frameRate: number,
  frames: number,
): { first: number; end: number } {
  const first = Math.min(frames, Math.max(0, xToFrame(axis, frameRate, 0)));
  const end = Math.min(frames, Math.max(0, xToFrame(axis, frameRate, axis.width) + 1));
  return { first, end };
}
