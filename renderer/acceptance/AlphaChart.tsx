import { useEffect, useRef } from 'react';
import type UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colourOf, onTheme } from '../deck/colours';
import { addPainter } from '../deck/frame-scheduler';
import { laneData, onLaneData } from '../deck/lane-data';
import { LANE_NAMES } from '../deck/lane-name';
import styles from './acceptance.module.css';
import { acceptanceOverTime } from './figures';

/** Rounds in the sliding window. */
export const WINDOW = 40;
const REPAINTS_PER_SECOND = 4;

/** α over the last rounds against seconds of speech, for both lanes. */
export function AlphaChart() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let stop: (() => void) | null = null;
    let isGone = false;
    void import('uplot').then(({ default: Chart }) => {
      if (!isGone) stop = drawInto(element, Chart);
    });
    return () => {
      isGone = true;
      stop?.();
    };
  }, []);
  return (
    <div
      ref={box}
      className={styles.chart}
      role="img"
      aria-label={`Acceptance rate over the last ${WINDOW} rounds against seconds of speech`}
    />
  );
}

function drawInto(box: HTMLElement, Chart: typeof UPlot): () => void {
  let chart: UPlot | null = null;

  const data = (): UPlot.AlignedData => {
    const tables = LANE_NAMES.map((lane): UPlot.AlignedData => {
      const of = laneData(lane);
      if (!of || of.cells.allRounds.length === 0) return [[], []];
      return acceptanceOverTime(of.cells.allRounds, of.frameRate, WINDOW);
    });
    return Chart.join(tables);
  };
  const make = () => {
    chart?.destroy();
    chart = null;
    const { clientWidth: width, clientHeight: height } = box;
    if (width > 0 && height > 0) chart = new Chart(optionsFor(width, height), data(), box);
  };

  const painter = addPainter(() => {
    if (!chart) make();
    else if (box.clientWidth > 0) chart.setData(data());
  }, REPAINTS_PER_SECOND);
  const resize = new ResizeObserver(() => {
    const size = { width: box.clientWidth, height: box.clientHeight };
    if (chart && size.width > 0 && size.height > 0) chart.setSize(size);
    else painter.invalidate();
  });
  resize.observe(box);
  const off = [
    onLaneData(painter.invalidate),
    onTheme(make),
    () => resize.disconnect(),
    painter.dispose,
    () => chart?.destroy(),
  ];
  return () => {
    for (const stop of off) stop();
  };
}

function optionsFor(width: number, height: number): UPlot.Options {
  const font = `10px ${colourOf('--font')}`;
  const axis = {
    stroke: colourOf('--text-muted'),
    font,
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { stroke: colourOf('--line'), width: 1, size: 3 },
    gap: 2,
  };
  const line = (lane: string, property: string) => ({
    label: `α ${lane}`,
    stroke: colourOf(property),
    width: 1.5,
    points: { show: false },
    spanGaps: true,
  });
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: [0, 1] } },
    axes: [
      { ...axis, size: 18, values: (_, splits) => splits.map((split) => `${split} s`) },
      {
        ...axis,
        size: 28,
        space: 16,
        incrs: [0.2, 0.5, 1],
        values: (_, splits) => splits.map((split) => split.toFixed(1)),
      },
    ],
    series: [{}, line('A', '--lane-a'), line('B', '--lane-b')],
  };
}
