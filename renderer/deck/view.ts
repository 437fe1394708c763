import { create } from 'zustand';
import { longestSeconds, onLaneData } from './lane-data';
import { endOf, fittedScale, scrolledTo, type TimeAxis, zoomedAt } from './time-axis';

interface View {
  /** Shared by both lanes. Changes many times a second: subscribe to it, never render from it. */
  axis: TimeAxis;
  /** Everything is in sight, also as it grows. */
  isFitted: boolean;
  /** Seconds that the axis reaches over. */
  duration: number;
}

const SHORTEST_SECONDS = 2;
export const ZOOM_STEP = 1.5;

export const useView = create<View>()(() => ({
  axis: { start: 0, pixelsPerSecond: 1, width: 0 },
  isFitted: true,
  duration: SHORTEST_SECONDS,
}));

let grownTo = 0;

onLaneData(() => {
  const grown = longestSeconds('seconds');
  const duration = Math.max(SHORTEST_SECONDS, longestSeconds('expectedSeconds'));
  const { axis, isFitted } = useView.getState();
  const wasInSight = grownTo <= endOf(axis);
  if (duration !== useView.getState().duration) {
    useView.setState({ duration });
    if (isFitted) fitAll();
    else scrollTo(axis.start);
  }
  // Who watches the end of a growing take goes on seeing it.
  if (!isFitted && grown > grownTo && wasInSight && grown > endOf(axis)) {
    scrollTo(grown - (0.85 * axis.width) / axis.pixelsPerSecond);
  }
  grownTo = grown;
});

export function fitAll(): void {
  const { axis, duration } = useView.getState();
  const pixelsPerSecond = fittedScale(axis.width, duration);
  useView.setState({ axis: { ...axis, start: 0, pixelsPerSecond }, isFitted: true });
}

export function setWidth(width: number): void {
  const { axis, isFitted, duration } = useView.getState();
  if (width === axis.width) return;
  useView.setState({ axis: { ...axis, width } });
  if (isFitted) fitAll();
  else useView.setState({ axis: zoomedAt({ ...axis, width }, 1, 0, duration) });
}

/** Zooms with the time at `x` staying where it is; the middle when none is given. */
export function zoomBy(factor: number, x?: number): void {
  const { axis, duration } = useView.getState();
  const zoomed = zoomedAt(axis, factor, x ?? axis.width / 2, duration);
  const isFitted = zoomed.pixelsPerSecond <= fittedScale(axis.width, duration);
  useView.setState({ axis: zoomed, isFitted });
}

export function scrollTo(start: number): void {
  const { axis, duration } = useView.getState();
  useView.setState({ axis: scrolledTo(axis, start, duration) });
}

/** Turns the page when a time has left it. */
export function bringInSight(seconds: number): void {
  const { axis } = useView.getState();
  if (seconds >= axis.start && seconds <= endOf(axis)) return;
  scrollTo(seconds - (0.1 * axis.width) / axis.pixelsPerSecond);
}
