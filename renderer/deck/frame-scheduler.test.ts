import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addPainter, type Painter } from './frame-scheduler';

let now = 0;
let pending: FrameRequestCallback | null = null;
let visibility = 'visible';
let painter: Painter;

/** Frames 16 ms apart, as long as one is asked for. */
function passFrames(count: number): void {
  for (let i = 0; i < count; i++) {
    now += 16;
    const callback = pending;
    pending = null;
    callback?.(now);
  }
}

beforeEach(() => {
  pending = null;
  visibility = 'visible';
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => {
    pending = callback;
    return 1;
  });
  vi.stubGlobal('cancelAnimationFrame', () => {
    pending = null;
  });
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(
    () => visibility as DocumentVisibilityState,
  );
});

afterEach(() => {
  painter.dispose();
  vi.unstubAllGlobals();
});

describe('addPainter', () => {
  it('paints no oftener than asked for, however often it is invalidated', () => {
    const paint = vi.fn();
    painter = addPainter(paint, 30);
    for (let i = 0; i < 125; i++) {
      painter.invalidate();
      painter.invalidate();
      passFrames(1);
    }
    // Two seconds.
    expect(paint.mock.calls.length).toBeGreaterThan(55);
    expect(paint.mock.calls.length).toBeLessThanOrEqual(63);
  });

  it('asks for no frame when nothing has changed', () => {
    painter = addPainter(() => {}, 30);
    passFrames(5);
    expect(pending).toBeNull();
  });

  it('paints the last change even when it came too soon after the one before', () => {
    const paint = vi.fn();
    painter = addPainter(paint, 10);
    passFrames(1);
    painter.invalidate();
    passFrames(1);
    expect(paint).toHaveBeenCalledTimes(1);
    passFrames(7);
    expect(paint).toHaveBeenCalledTimes(2);
  });

  it('paints nothing while hidden, and catches up when shown', () => {
    const paint = vi.fn();
    painter = addPainter(paint, 30);
    passFrames(1);
    visibility = 'hidden';
    painter.invalidate();
    passFrames(10);
    expect(paint).toHaveBeenCalledTimes(1);
    visibility = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    passFrames(1);
    expect(paint).toHaveBeenCalledTimes(2);
  });
});
