import { useEffect, useRef } from 'react';
import styles from './deck.module.css';
import { addPainter } from './frame-scheduler';
import type { LaneName } from './lane-name';
import { onPlayhead, playerState, playhead } from './player';
import { onShownIn, shownIn } from './shown-in';
import { timeToX } from './time-axis';
import { bringInSight, useView } from './view';

const REPAINTS_PER_SECOND = 60;

/** A line at the time that is heard. Moved by hand, sixty times a second: React knows nothing. */
export function Playhead({ lane }: { lane: LaneName }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const paint = () => {
      const isPlaying = playerState.getState().state === 'playing';
      const seconds = playhead();
      if (isPlaying) {
        bringInSight(seconds);
        painter.invalidate();
      }
      const { axis } = useView.getState();
      const x = timeToX(axis, shownIn(lane, seconds));
      if (!line.current) return;
      line.current.style.transform = `translateX(${x.toFixed(1)}px)`;
      line.current.style.visibility = x < 0 || x > axis.width ? 'hidden' : 'visible';
    };
    const painter = addPainter(paint, REPAINTS_PER_SECOND);
    const off = [
      onPlayhead(painter.invalidate),
      useView.subscribe(painter.invalidate),
      onShownIn(painter.invalidate),
      painter.dispose,
    ];
    return () => {
      for (const stop of off) stop();
    };
  }, [lane]);
  return <div ref={line} className={styles.playhead} aria-hidden="true" />;
}
