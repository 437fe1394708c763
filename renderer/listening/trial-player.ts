import { useEffect, useRef, useState } from 'react';
import type { ListeningTrial } from '../../contract/listening';
import { playSound } from '../deck/player';

const GAP_MS = 400;
const SILENT_RATE = 48_000;

export type TrialPlayer = {
  /** Index of the sound that plays, the open reference last; null for none. */
  playing: number | null;
  /** How often each was started, in the same order. */
  plays: readonly number[];
  play: (index: number) => void;
  /** All sounds, one after the other. */
  playAll: () => void;
};

/** Plays a trial's sounds through the deck's output, one at a time; none is left when it goes. */
export function useTrialPlayer({ sounds, reference }: ListeningTrial): TrialPlayer {
  const all = reference === null ? sounds : [...sounds, reference];
  const [playing, setPlaying] = useState<number | null>(null);
  const [plays, setPlays] = useState(() => all.map(() => 0));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const start = (index: number, onEnd: () => void) => {
    const { samples, sampleRate } = all[index];
    clearTimeout(timer.current);
    playSound(samples, sampleRate);
    setPlaying(index);
    setPlays((before) => before.map((count, i) => (i === index ? count + 1 : count)));
    timer.current = setTimeout(
      () => {
        setPlaying(null);
        onEnd();
      },
      (samples.length / sampleRate) * 1000,
    );
  };
  const playFrom = (index: number) =>
    start(index, () => {
      if (index + 1 < sounds.length) timer.current = setTimeout(() => playFrom(index + 1), GAP_MS);
    });

  useEffect(
    () => () => {
      clearTimeout(timer.current);
      // No sound at all takes the place of one that plays.
      playSound(new Float32Array(0), SILENT_RATE);
    },
    [],
  );

  return {
    playing,
    plays,
    play: (index) => start(index, () => undefined),
    playAll: () => playFrom(0),
  };
}
