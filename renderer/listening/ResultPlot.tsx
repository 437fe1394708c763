import type { ListeningResult } from '../../contract/listening';
import styles from './listening.module.css';

const WIDTH = 600;
const MARGIN = 20;
const ROW = 40;

/** Each value with its 95 % interval, and a broken line where no difference lies. */
export function ResultPlot({ plot }: { plot: ListeningResult['plot'] }) {
  const { axis, from, to, even, rows } = plot;
  if (rows.length === 0) return null;
  const x = (value: number) => MARGIN + ((WIDTH - 2 * MARGIN) * (value - from)) / (to - from);
  const bottom = ROW * rows.length + 14;
  return (
    <svg
      className={styles.plot}
      viewBox={`0 0 ${WIDTH} ${bottom + 22}`}
      role="img"
      aria-label={`${axis}, with 95 % intervals`}
    >
      {even !== null && <line data-even x1={x(even)} x2={x(even)} y1={8} y2={bottom} />}
      <line x1={x(from)} x2={x(to)} y1={bottom} y2={bottom} />
      {rows.map(({ label, value, low, high }, index) => {
        const y = ROW * index + 34;
        return (
          <g key={label}>
            <text x={MARGIN} y={y - 14}>
              {label}
            </text>
            <line data-interval x1={x(low)} x2={x(high)} y1={y} y2={y} />
            <circle cx={x(value)} cy={y} r={5} />
          </g>
        );
      })}
      <text x={x(from)} y={bottom + 16}>
        {from}
      </text>
      <text x={WIDTH / 2} y={bottom + 16} textAnchor="middle">
        {axis}
      </text>
      <text x={x(to)} y={bottom + 16} textAnchor="end">
        {to}
      </text>
    </svg>
  );
}
