import { TextField as AriaTextField, Input, Label } from 'react-aria-components';
import styles from './field.module.css';
import { type ControlProps, useTip } from './tip';

type TextFieldProps = ControlProps & {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  maxLength?: number;
  type?: 'text' | 'search';
  hidesLabel?: boolean;
  /** Takes the focus when it appears, its text selected. */
  autoFocus?: boolean;
  /** Focus left the field. */
  onBlur?: () => void;
  onKeyDown?: (event: { key: string; currentTarget: Element }) => void;
};

/** One line of text. */
export function TextField(props: TextFieldProps) {
  const {
    name,
    value,
    onChange,
    placeholder,
    maxLength,
    type = 'text',
    hidesLabel = false,
  } = props;
  const tip = useTip<HTMLDivElement>(props);
  return (
    <div ref={tip.ref} {...tip.hover} {...tip.focus}>
      <AriaTextField
        className={styles.field}
        value={value}
        onChange={onChange}
        maxLength={maxLength}
        type={type}
        autoFocus={props.autoFocus}
        onBlur={props.onBlur}
        onKeyDown={props.onKeyDown}
        aria-label={hidesLabel ? name : undefined}
      >
        {!hidesLabel && <Label className={styles.label}>{name}</Label>}
        <Input
          className={styles.input}
          placeholder={placeholder}
          onFocus={(event) => {
            if (props.autoFocus) event.currentTarget.select();
          }}
          {...tip.described}
        />
      </AriaTextField>
      {tip.tooltip}
    </div>
  );
}
