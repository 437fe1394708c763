import { SwitchButton, SwitchField } from 'react-aria-components';
import styles from './field.module.css';
import { type ControlProps, useTip } from './tip';

type SwitchProps = ControlProps & {
  isSelected: boolean;
  onChange: (isSelected: boolean) => void;
  isDisabled?: boolean;
};

/** On or off. Its key turns it over. */
export function Switch(props: SwitchProps) {
  const { name, isSelected, onChange, isDisabled = false } = props;
  const tip = useTip<HTMLDivElement>(props, () => {
    if (!isDisabled) onChange(!isSelected);
  });
  return (
    <div ref={tip.ref} {...tip.hover} {...tip.focus}>
      <SwitchField
        isSelected={isSelected}
        onChange={onChange}
        isDisabled={isDisabled}
        {...tip.described}
      >
        <SwitchButton className={styles.switch}>
          <span className={styles.knob} />
          {name}
        </SwitchButton>
      </SwitchField>
      {tip.tooltip}
    </div>
  );
}
