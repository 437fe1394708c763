import type { HiddenStates } from '../decoding/model';

/** Positions that a store has room for at first. */
const FIRST_CAPACITY = 256;

/** Hidden states of the positions that a graph's caches hold, as it made them. */
export class StoredStates implements HiddenStates {
  private rows: Float32Array;

  /** `width`: numbers a position. */
  constructor(readonly width: number) {
    this.rows = new Float32Array(FIRST_CAPACITY * width);
  }

  hidden(position: number): Float32Array {
    return this.rows.subarray(position * this.width, (position + 1) * this.width);
  }

  /** Stores rows [count × width] of the positions from `position` on. */
  set(position: number, rows: Float32Array): void {
    const end = position * this.width + rows.length;
    if (end > this.rows.length) {
      const more = new Float32Array(Math.max(end, 2 * this.rows.length));
      more.set(this.rows);
      this.rows = more;
    }
    this.rows.set(rows, position * this.width);
  }
}

/**
 * Fills in the features [count × width] of the positions from `position` on: the hidden states behind which their
 * tokens stand. Nothing stands before the first.
 */
export function fillFeatures(
  rows: Float32Array,
  width: number,
  position: number,
  reads: Partial<HiddenStates> | undefined,
): void {
  for (let at = 0, before = position - 1; at < rows.length; at += width, before++) {
    const row = before >= 0 ? reads?.hidden?.(before) : undefined;
    if (row) rows.set(row, at);
    else rows.fill(0, at, at + width);
  }
}
