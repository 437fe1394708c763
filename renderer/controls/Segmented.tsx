import { Label, Radio, RadioGroup } from 'react-aria-components';
import styles from './field.module.css';
import { type ControlProps, useTip } from './tip';

type SegmentedProps<V extends string> = ControlProps & {
  value: V;
  onChange: (value: V) => void;
  options: readonly { value: V; label: string }[];
  isDisabled?: boolean;
  hidesLabel?: boolean;
  /** The label stands beside the control, not above it. */
  isInline?: boolean;
};

/** One of a few, all in sight. */
export function Segmented<V extends string>(props: SegmentedProps<V>) {
  const {
    name,
    value,
    onChange,
    options,
    isDisabled,
    hidesLabel = false,
    isInline = false,
  } = props;
  const tip = useTip<HTMLDivElement>(props);
  return (
    <div ref={tip.ref} {...tip.hover} {...tip.focus}>
      <RadioGroup
        className={isInline ? styles.inline : styles.field}
        orientation="horizontal"
        value={value}
        onChange={(chosen) => onChange(chosen as V)}
        isDisabled={isDisabled}
        aria-label={hidesLabel ? name : undefined}
        {...tip.described}
      >
        {!hidesLabel && <Label className={styles.label}>{name}</Label>}
        <div className={styles.segments} data-many={options.length > 5 || undefined}>
          {options.map((option) => (
            <Radio key={option.value} value={option.value} className={styles.segment}>
              {option.label}
            </Radio>
          ))}
        </div>
      </RadioGroup>
      {tip.tooltip}
    </div>
  );
}
