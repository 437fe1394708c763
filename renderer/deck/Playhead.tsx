import { useEffect, useRef } from 'react';
import styles from './deck.module.css';
import { addPainter } from './frame-scheduler';
import { onPlayhead, playerState, playhead } from './player';
import { timeToX } from './time-axis';
import { bringInSight, useView } from './view';

const REPAINTS_PER_SECOND = 60;

/** A line at the time that is heard. Moved by hand, sixty times a second: React knows nothing. */
export function Playhead() {
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
      const x = timeToX(axis, seconds);
      if (!line.current) return;
      line.current.style.transform = `translateX(${x.toFixed(1)}px)`;
      line.current.style.visibility = x < 0 || x > axis.width ? 'hidden' : 'visible';
    };
    const painter = addPainter(paint, REPAINTS_PER_SECOND);
    const off = [
      onPlayhead(painter.invalidate),
      useView.subscribe(painter.invalidate),
      painter.dispose,
    ];
    return () => {
      for (const stop of off) stop();
    };
  }, []);
  return <div ref={line} className={styles.playhead} aria-hidden="true" />;
}
