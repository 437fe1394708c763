import { TextField as AriaTextField, Label, TextArea } from 'react-aria-components';
import fieldStyles from '../controls/field.module.css';
import { useTip } from '../controls/tip';
import styles from './listening.module.css';

/** A list of sentences, one a line. */
export function SentencesField(props: { value: string; onChange: (lines: string) => void }) {
  const tip = useTip<HTMLDivElement>({
    name: 'Sentences, one a line',
    tooltip: 'What is spoken. Many short sentences tell more than a few long ones.',
    shortcut: 'Alt+KeyE',
  });
  return (
    <div ref={tip.ref} {...tip.hover} {...tip.focus}>
      <AriaTextField className={fieldStyles.field} value={props.value} onChange={props.onChange}>
        <Label className={fieldStyles.label}>Sentences, one a line</Label>
        <TextArea className={styles.lines} rows={5} {...tip.described} />
      </AriaTextField>
      {tip.tooltip}
    </div>
  );
}
