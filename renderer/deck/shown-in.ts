import { useDeckSettings } from './deck-settings';
import type { LaneName } from './lane-name';
import { useLanes } from './lanes';
import { endInOther, momentInOther, useSpokenWords } from './spoken-words';

/**
 * Where a moment of the lane that is heard is shown in a lane: where a switch would go on, so that
 * in the same word both playheads stand in that word.
 */
export function shownIn(lane: LaneName, seconds: number): number {
  return otherWords(lane) ? momentInOther(useLanes.getState().focus, seconds) : seconds;
}

/** As `shownIn`, of where a stretch ends. */
export function endShownIn(lane: LaneName, seconds: number): number {
  return otherWords(lane) ? endInOther(useLanes.getState().focus, seconds) : seconds;
}

/** Whether a lane is shown by the words of the other one. */
function otherWords(lane: LaneName): boolean {
  const byWord = useDeckSettings.getState().switchMode === 'word';
  return byWord && lane !== useLanes.getState().focus;
}

/** Listens to whatever moves what is shown. Returns its own off switch. */
export function onShownIn(listener: () => void): () => void {
  const off = [
    useLanes.subscribe(listener),
    useDeckSettings.subscribe(listener),
    useSpokenWords.subscribe(listener),
  ];
  return () => {
    for (const stop of off) stop();
  };
}
