import { NumberField as AriaNumberField, Input, Label } from 'react-aria-components';
import styles from './field.module.css';
import { type ControlProps, useTip } from './tip';

type NumberFieldProps = ControlProps & {
  value: number;
  onChange: (value: number) => void;
  minValue: number;
  maxValue: number;
  step?: number;
  format?: Intl.NumberFormatOptions;
  isDisabled?: boolean;
  hidesLabel?: boolean;
  /** The label stands beside the control, not above it. */
  isInline?: boolean;
};

/** A typed number; arrow keys step it. An entry out of range goes to the nearest end. */
export function NumberField(props: NumberFieldProps) {
  const { name, value, onChange, minValue, maxValue, hidesLabel = false, isInline = false } = props;
  const tip = useTip<HTMLDivElement>(props);
  return (
    <div ref={tip.ref} {...tip.hover} {...tip.focus}>
      <AriaNumberField
        className={isInline ? styles.inline : styles.field}
        value={value}
        onChange={(typed) => onChange(Number.isNaN(typed) ? minValue : typed)}
        minValue={minValue}
        maxValue={maxValue}
        step={props.step}
        formatOptions={props.format}
        isDisabled={props.isDisabled}
        isWheelDisabled
        aria-label={hidesLabel ? name : undefined}
      >
        {!hidesLabel && <Label className={styles.label}>{name}</Label>}
        <div className={styles.number}>
          <Input className={styles.input} {...tip.described} />
        </div>
      </AriaNumberField>
      {tip.tooltip}
    </div>
  );
}
