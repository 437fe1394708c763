import { create } from 'zustand';
import type { WordTime } from '../../contract/word-time';
import type { LaneName } from './lane-name';
import type { LoopRegion } from './mixer';
import { SHORTEST_LOOP_SECONDS } from './mixer';
import { playhead, seek, setLoopRegion } from './player';
import { endInOther, momentInOther } from './spoken-words';

interface Loop {
  /** The chosen region in seconds; kept while looping is off. */
  region: LoopRegion | null;
  isOn: boolean;
}

export const useLoop = create<Loop>()(() => ({ region: null, isOn: false }));

useLoop.subscribe(({ region, isOn }) => setLoopRegion(isOn ? region : null));

/** The region between two times in either order; null when it would be too short to be heard. */
export function regionBetween(one: number, other: number): LoopRegion | null {
  const start = Math.max(0, Math.min(one, other));
  const end = Math.max(one, other);
  return end - start < SHORTEST_LOOP_SECONDS ? null : { start, end };
}

export function loopOver(region: LoopRegion): void {
  useLoop.setState({ region, isOn: true });
}

/** Moves the loop, or without one the playhead, by so many seconds. */
export function nudge(seconds: number): void {
  const { region, isOn } = useLoop.getState();
  if (!region || !isOn) {
    seek(Math.max(0, playhead() + seconds));
    return;
  }
  const by = Math.max(seconds, -region.start);
  useLoop.setState({ region: { start: region.start + by, end: region.end + by } });
}

/** Loops a word of a lane and plays it from its start. */
export function loopWord({ start, end }: WordTime): void {
  loopOver({ start, end: Math.max(end, start + SHORTEST_LOOP_SECONDS) });
  seek(start);
}

/** Turns looping over; without a region, everything loops. */
export function toggleLoop(wholeSeconds: number): void {
  const { region, isOn } = useLoop.getState();
  const next = region ?? regionBetween(0, wholeSeconds);
  if (next) useLoop.setState({ region: next, isOn: !isOn });
}

export function clearLoop(): void {
  useLoop.setState({ region: null, isOn: false });
}

/** After a switch in the same word from a lane: what loops are the words that looped there. */
export function carryLoop(from: LaneName): void {
  const { region } = useLoop.getState();
  if (!region) return;
  const [start, end] = [momentInOther(from, region.start), endInOther(from, region.end)];
  useLoop.setState({ region: { start, end: Math.max(end, start + SHORTEST_LOOP_SECONDS) } });
}

/** Lets go of a region that begins where all sound is over: it would repeat silence for ever. */
export function clearLoopBeyond(seconds: number): void {
  const { region } = useLoop.getState();
  if (region && region.start >= seconds) clearLoop();
}

/** Moves one end of the region to the playhead. */
export function moveLoopEnd(which: 'start' | 'end', wholeSeconds: number): void {
  const region = useLoop.getState().region ?? { start: 0, end: wholeSeconds };
  const at = playhead();
  const next = regionBetween(
    which === 'start' ? at : Math.min(region.start, at),
    which === 'end' ? at : Math.max(region.end, at),
  );
  if (next) loopOver(next);
}
