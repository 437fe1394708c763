/** Which stretch of time the deck shows: `width` CSS pixels from `start` seconds on. */
export interface TimeAxis {
  start: number;
  pixelsPerSecond: number;
  width: number;
}

/** One frame of 20 ms is then 20 pixels wide. */
const MOST_PIXELS_PER_SECOND = 1000;

export const timeToX = (axis: TimeAxis, seconds: number) =>
  (seconds - axis.start) * axis.pixelsPerSecond;
export const xToTime = (axis: TimeAxis, x: number) => axis.start + x / axis.pixelsPerSecond;
export const endOf = (axis: TimeAxis) => xToTime(axis, axis.width);

export function fittedScale(width: number, duration: number): number {
  return width > 0 && duration > 0 ? Math.min(MOST_PIXELS_PER_SECOND, width / duration) : 1;
}

/** The axis with `start` moved so that it shows nothing before 0 and little after the end. */
export function scrolledTo(axis: TimeAxis, start: number, duration: number): TimeAxis {
  const last = Math.max(0, duration - axis.width / axis.pixelsPerSecond);
  return { ...axis, start: Math.min(Math.max(0, start), last) };
}

/** Zoomed by `factor` with the time at `x` staying where it is; never further out than the whole. */
export function zoomedAt(axis: TimeAxis, factor: number, x: number, duration: number): TimeAxis {
  const fitted = fittedScale(axis.width, duration);
  const pixelsPerSecond = Math.min(
    MOST_PIXELS_PER_SECOND,
    Math.max(fitted, axis.pixelsPerSecond * factor),
  );
  const start = xToTime(axis, x) - x / pixelsPerSecond;
  return scrolledTo({ ...axis, pixelsPerSecond }, start, duration);
}

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

/** Seconds between two labelled ticks of a ruler that are at least `apart` pixels apart. */
export function tickStep(pixelsPerSecond: number, apart: number): number {
  return STEPS.find((step) => step * pixelsPerSecond >= apart) ?? STEPS[STEPS.length - 1];
}

/** `decimals` digits after the second; minutes only when there are any. */
export function showTime(seconds: number, decimals: number): string {
  const factor = 10 ** decimals;
  const whole = Math.round(Math.max(0, seconds) * factor) / factor;
  const minutes = Math.floor(whole / 60);
  const rest = (whole - minutes * 60).toFixed(decimals);
  return `${minutes}:${rest.padStart(decimals === 0 ? 2 : decimals + 3, '0')}`;
}
