import { useEffect, useState } from 'react';
import type { Method } from '../../../contract/settings';
import { currentTheme, onTheme } from '../colours';
import { laneData } from '../lane-data';
import type { LaneName } from '../lane-name';
import { useLaneTick } from '../use-lane-tick';
import { acceptedOf, bonusOf, type RibbonCounts, rejectedOf } from './cells';
import { CELL_HEIGHTS, GHOST_DEPTHS } from './layout';
import { PALETTES } from './palette';
import styles from './ribbon.module.css';
import { CELL_WORDS, GHOST_WORDS } from './words';

/** Kinds that a method can bring about. */
const CELLS_OF: Record<Method, (keyof typeof CELL_WORDS)[]> = {
  plain: ['plain'],
  exact: ['keptByBoth', 'keptByToken', 'recovered', 'bonus'],
  pcg: ['keptByBoth', 'keptByGroup', 'recovered', 'bonus'],
};
const GHOSTS_OF: Record<Method, (keyof typeof GHOST_WORDS)[]> = {
  plain: [],
  exact: ['refusedByBoth', 'keptByGroupOnly'],
  pcg: ['refusedByBoth', 'keptByTokenOnly'],
};

/** What the colours and heights of a lane's ribbon mean, with how many tokens there are of each. */
export function Legend({ lane, method }: { lane: LaneName; method: Method }) {
  useLaneTick(4, lane);
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => onTheme(() => setTheme(currentTheme())), []);
  const counts = laneData(lane)?.cells.counts;
  if (!counts) return null;
  const palette = PALETTES[theme];
  return (
    <ul className={styles.legend} aria-label={`Token counts of lane ${lane}`} {...dataOf(counts)}>
      {CELLS_OF[method].map((kind) => (
        <li key={kind} title={CELL_WORDS[kind].says}>
          <span
            className={styles.swatch}
            style={{ background: palette.cells[kind], height: `${CELL_HEIGHTS[kind] * 10}px` }}
          />
          {CELL_WORDS[kind].name} <b>{counts[kind].toLocaleString('en')}</b>
        </li>
      ))}
      {GHOSTS_OF[method].map((kind) => (
        <li key={kind} title={GHOST_WORDS[kind].says} data-ghost>
          <span
            className={styles.swatch}
            style={{ background: palette.ghosts[kind], height: `${GHOST_DEPTHS[kind] * 10}px` }}
          />
          {GHOST_WORDS[kind].name} <b>{counts[kind].toLocaleString('en')}</b>
        </li>
      ))}
    </ul>
  );
}

/** Totals by the names of the take's counters. */
function dataOf(counts: RibbonCounts) {
  return {
    'data-accepted': acceptedOf(counts),
    'data-rejected': rejectedOf(counts),
    'data-ignored': counts.ignored,
    'data-recovered': counts.recovered,
    'data-bonus': bonusOf(counts),
  };
}
