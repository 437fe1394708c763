import { laneData } from '../deck/lane-data';
import type { LaneName } from '../deck/lane-name';
import styles from './acceptance.module.css';
import { acceptedLengths } from './figures';

type HistogramProps = { lanes: readonly LaneName[] };

/** Share of rounds by the number of drafts that they kept. */
export function Histogram({ lanes }: HistogramProps) {
  const columns = lanes.map((lane) => {
    const lengths = acceptedLengths(laneData(lane)?.cells.allRounds ?? []);
    const rounds = lengths.reduce((sum, count) => sum + count, 0);
    return { lane, lengths, rounds };
  });
  const most = Math.max(...columns.map(({ lengths }) => lengths.length));
  return (
    <table className={styles.histogram}>
      <caption>Drafts kept per round</caption>
      <colgroup>
        <col className={styles.keptColumn} />
      </colgroup>
      <thead className={styles.spoken}>
        <tr>
          <th>kept</th>
          {columns.map(({ lane }) => (
            <th key={lane}>lane {lane}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: most }, (_, kept) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the index is what the row is about.
          <tr key={kept}>
            <th scope="row">{kept}</th>
            {columns.map(({ lane, lengths, rounds }) => {
              const count = lengths[kept] ?? 0;
              const share = rounds === 0 ? 0 : count / rounds;
              return (
                <td key={lane}>
                  <span className={styles.bar} data-lane={lane}>
                    <i style={{ width: `${share * 100}%` }} />
                    <b>
                      {count.toLocaleString('en')} <em>{(share * 100).toFixed(0)} %</em>
                    </b>
                  </span>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
