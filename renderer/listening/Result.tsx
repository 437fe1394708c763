import { FileText, FolderOpen, Table } from 'lucide-react';
import type { ListeningResult } from '../../contract/listening';
import { Button } from '../controls/Button';
import { exportTest, revealReport, showTests } from './listening';
import styles from './listening.module.css';
import { ResultPlot } from './ResultPlot';

/** What was found, in words, figures and a plot. */
export function Result({ result, written }: { result: ListeningResult; written: string | null }) {
  const { headline, notes, conditions, counts, controls, sentences } = result;
  return (
    <div className={styles.result}>
      <p className={styles.headline}>{headline}</p>
      <ResultPlot plot={result.plot} />
      <dl className={styles.conditions}>
        {conditions.map((name, index) => (
          <div key={name}>
            <dt>{'ABCD'[index]}</dt>
            <dd>{name}</dd>
          </div>
        ))}
      </dl>
      <ul className={styles.notes}>
        {[controls, ...notes].map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {counts.length > 0 && (
        <Figures
          caption="Answers"
          columns={counts.map(({ name }) => name)}
          rows={[counts.map(({ count }) => count)]}
        />
      )}
      <Figures
        caption="By sentence"
        columns={['Sentence', ...sentences.columns]}
        rows={sentences.rows.map(({ text, values }) => [text, ...values])}
      />
      {written !== null && (
        <p className={styles.written} role="status">
          Written: {written}
          <Button
            name="Show in folder"
            tooltip="Opens the file manager where the file is."
            shortcut="Alt+KeyO"
            icon={<FolderOpen aria-hidden="true" />}
            onPress={() => void revealReport(written)}
          />
        </p>
      )}
    </div>
  );
}

export function ResultActions({ result }: { result: ListeningResult }) {
  return (
    <>
      <Button
        name="All blind tests"
        tooltip="Goes to the list of tests."
        shortcut="Alt+KeyL"
        onPress={showTests}
      />
      <Button
        name="Export table"
        tooltip="Writes every trial as CSV."
        shortcut="Alt+KeyC"
        icon={<Table aria-hidden="true" />}
        onPress={() => void exportTest(result, 'csv')}
      />
      <Button
        name="Export report"
        tooltip="Writes one HTML file with the results and the sounds inside; it opens without a network."
        shortcut="$mod+KeyE"
        tone="primary"
        icon={<FileText aria-hidden="true" />}
        onPress={() => void exportTest(result, 'html')}
      />
    </>
  );
}

function Figures(props: {
  caption: string;
  columns: string[];
  rows: (string | number | null)[][];
}) {
  return (
    <table className={styles.figures}>
      <caption>{props.caption}</caption>
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((cells) => (
          <tr key={cells.join()}>
            {cells.map((cell, index) => (
              <td key={props.columns[index]}>
                {typeof cell === 'number' ? Math.round(cell * 100) / 100 : cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
