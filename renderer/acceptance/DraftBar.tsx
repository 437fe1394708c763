import type { Counters } from '../../contract/counters';
import type { Method } from '../../contract/settings';
import styles from './acceptance.module.css';

const PARTS = ['accepted', 'rejected', 'ignored'] as const;

/** drafted = accepted + rejected + ignored, as numbers and as a bar. */
export function DraftBar({ counters, method }: { counters: Counters; method: Method }) {
  const { drafted } = counters;
  if (drafted === 0) {
    const why = method === 'plain' ? 'plain decoding' : 'nothing was decoded yet';
    return <p className={styles.none}>No drafts: {why}.</p>;
  }
  return (
    <div className={styles.drafts}>
      <p>
        <b>{drafted.toLocaleString('en')}</b> drafted ={' '}
        {PARTS.map((part, index) => (
          <span key={part}>
            {index > 0 && ' + '}
            <i className={styles.swatch} data-part={part} />
            <b>{counters[part].toLocaleString('en')}</b> {part}
          </span>
        ))}
      </p>
      <div className={styles.stack} aria-hidden="true">
        {PARTS.map((part) => (
          <span
            key={part}
            data-part={part}
            style={{ width: `${(counters[part] / drafted) * 100}%` }}
          />
        ))}
      </div>
    </div>
  );
}
