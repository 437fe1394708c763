/** Something that is drawn, at most so many times a second and only when it has changed. */
export interface Painter {
  /** Asks for a repaint; many calls before the next one make one repaint. */
  invalidate: () => void;
  dispose: () => void;
}

interface Entry {
  paint: (now: number) => void;
  intervalMs: number;
  paintedAt: number;
  isDirty: boolean;
}

const entries = new Set<Entry>();
let frame: number | null = null;

/** All painters share one animation frame. A hidden window paints nothing. */
export function addPainter(paint: (now: number) => void, perSecond: number): Painter {
  const entry: Entry = {
    paint,
    intervalMs: 1000 / perSecond,
    paintedAt: Number.NEGATIVE_INFINITY,
    isDirty: true,
  };
  entries.add(entry);
  if (entries.size === 1) document.addEventListener('visibilitychange', request);
  request();
  return {
    invalidate: () => {
      entry.isDirty = true;
      request();
    },
    dispose: () => {
      entries.delete(entry);
      if (entries.size > 0) return;
      document.removeEventListener('visibilitychange', request);
      if (frame !== null) cancelAnimationFrame(frame);
      frame = null;
    },
  };
}

function request(): void {
  if (frame !== null || document.visibilityState === 'hidden') return;
  frame = requestAnimationFrame(paintAll);
}

function paintAll(now: number): void {
  frame = null;
  for (const entry of entries) {
    // A frame comes a little early or late: half of one is no reason to skip.
    if (!entry.isDirty || now - entry.paintedAt < entry.intervalMs - 4) continue;
    entry.isDirty = false;
    entry.paintedAt = now;
    entry.paint(now);
  }
  if ([...entries].some(({ isDirty }) => isDirty)) request();
}
