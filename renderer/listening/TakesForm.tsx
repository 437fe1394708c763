import { Select } from '../controls/Select';
import styles from './listening.module.css';
import { type FoundSettings, namesOf } from './rows-of-takes';

type TakesFormProps = {
  found: readonly FoundSettings[];
  /** Indices of A and B. */
  pair: [number, number] | null;
  /** How many pairs of takes they make. */
  rows: number;
  onChange: (pair: [number, number]) => void;
};

/** Which two of the settings that takes were made with are compared. */
export function TakesForm({ found, pair, rows, onChange }: TakesFormProps) {
  if (pair === null) return null;
  const names = namesOf(found);
  const options = found.map(({ takes }, index) => ({
    value: String(index),
    label: names[index],
    description: `${takes.length} ${takes.length === 1 ? 'take' : 'takes'}`,
  }));
  return (
    <div className={styles.columns}>
      <Select
        name="A"
        tooltip="Takes that were made with these settings."
        shortcut="Alt+KeyA"
        value={String(pair[0])}
        onChange={(value) => onChange([Number(value), pair[1]])}
        options={options}
      />
      <Select
        name="B"
        tooltip="Takes that were made with these settings."
        shortcut="Alt+KeyB"
        value={String(pair[1])}
        onChange={(value) => onChange([pair[0], Number(value)])}
        options={options}
      />
      <p className={styles.hint}>
        {rows} {rows === 1 ? 'pair' : 'pairs'} of takes; where there are fewer than comparisons,
        some come again.
      </p>
    </div>
  );
}
