import { useEffect, useRef } from 'react';
import { scaledContext } from './canvas';
import { colourOf, onTheme } from './colours';
import styles from './deck.module.css';
import { addPainter } from './frame-scheduler';
import { endOf, showTime, tickStep, timeToX } from './time-axis';
import { setWidth, useView } from './view';

const LABELS_APART = 72;

/** The time ruler over both lanes. Its width is the width of the shared time axis. */
export function Ruler() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const paint = () => {
      const context = scaledContext(element);
      if (!context) return;
      const { axis } = useView.getState();
      const height = element.clientHeight;
      const step = tickStep(axis.pixelsPerSecond, LABELS_APART);
      const decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0;
      context.clearRect(0, 0, axis.width, height);
      context.font = `500 10px ${colourOf('--font')}`;
      context.textBaseline = 'middle';
      const parts = 5;
      const first = Math.floor(axis.start / step) * parts;
      for (let tick = first; (tick * step) / parts <= endOf(axis); tick++) {
        const seconds = (tick * step) / parts;
        const x = Math.round(timeToX(axis, seconds)) + 0.5;
        const isLabelled = tick % parts === 0;
        context.fillStyle = colourOf('--line-strong');
        context.fillRect(x - 0.5, isLabelled ? height - 7 : height - 4, 1, isLabelled ? 7 : 4);
        if (!isLabelled) continue;
        context.fillStyle = colourOf('--text-muted');
        context.fillText(showTime(seconds, decimals), x + 4, height / 2 - 1);
      }
    };
    const painter = addPainter(paint, 30);
    const resize = new ResizeObserver(() => {
      setWidth(element.clientWidth);
      painter.invalidate();
    });
    resize.observe(element);
    const off = [
      useView.subscribe(painter.invalidate),
      onTheme(painter.invalidate),
      () => resize.disconnect(),
      painter.dispose,
    ];
    return () => {
      for (const stop of off) stop();
    };
  }, []);
  return <canvas ref={canvas} className={styles.ruler} />;
}
