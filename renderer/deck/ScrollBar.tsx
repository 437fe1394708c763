import { useEffect, useRef } from 'react';
import styles from './deck.module.css';
import { addPainter } from './frame-scheduler';
import { scrollTo, useView } from './view';

/** The shared scroll of both lanes: the system's own bar over a strip as long as the time axis. */
export function ScrollBar() {
  const box = useRef<HTMLDivElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const paint = () => {
      const { axis, duration } = useView.getState();
      if (!box.current || !strip.current) return;
      strip.current.style.width = `${Math.round(duration * axis.pixelsPerSecond)}px`;
      const left = Math.round(axis.start * axis.pixelsPerSecond);
      if (Math.abs(box.current.scrollLeft - left) > 1) box.current.scrollLeft = left;
    };
    const painter = addPainter(paint, 60);
    const off = [useView.subscribe(painter.invalidate), painter.dispose];
    return () => {
      for (const stop of off) stop();
    };
  }, []);
  const scroll = () => {
    const { axis } = useView.getState();
    if (!box.current) return;
    const start = box.current.scrollLeft / axis.pixelsPerSecond;
    // A scroll by less than a pixel is only the bar following the axis.
    if (Math.abs(start - axis.start) * axis.pixelsPerSecond > 1) scrollTo(start);
  };
  return (
    <div ref={box} className={styles.scrollBar} onScroll={scroll} aria-hidden="true" tabIndex={-1}>
      <div ref={strip} />
    </div>
  );
}
