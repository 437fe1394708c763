import { useEffect, useRef } from 'react';
import styles from './deck.module.css';
import { addPainter } from './frame-scheduler';
import type { LaneName } from './lane-name';
import { useLoop } from './loop';
import { endShownIn, onShownIn, shownIn } from './shown-in';
import { timeToX } from './time-axis';
import { useView } from './view';

/** The loop region over a lane: in the same words as in the lane that is heard, when it would be so. */
export function LoopRange({ lane }: { lane: LaneName }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const paint = () => {
      const { axis } = useView.getState();
      const { region, isOn } = useLoop.getState();
      if (!box.current) return;
      box.current.hidden = region === null;
      if (!region) return;
      const from = Math.max(-4, timeToX(axis, shownIn(lane, region.start)));
      const to = Math.min(axis.width + 4, timeToX(axis, endShownIn(lane, region.end)));
      box.current.style.transform = `translateX(${from.toFixed(1)}px)`;
      box.current.style.width = `${Math.max(0, to - from).toFixed(1)}px`;
      box.current.dataset.on = String(isOn);
    };
    const painter = addPainter(paint, 60);
    const off = [
      useLoop.subscribe(painter.invalidate),
      onShownIn(painter.invalidate),
      useView.subscribe(painter.invalidate),
      painter.dispose,
    ];
    return () => {
      for (const stop of off) stop();
    };
  }, [lane]);
  return <div ref={box} className={styles.loop} hidden aria-hidden="true" />;
}
