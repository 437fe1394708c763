import type { ReactNode } from 'react';
import { Button as AriaButton, ToggleButton as AriaToggleButton } from 'react-aria-components';
import { showKeys } from '../shortcuts/keys';
import styles from './button.module.css';
import { type ControlProps, useTip } from './tip';

type ButtonProps = ControlProps & {
  onPress: () => void;
  isDisabled?: boolean;
  tone?: 'plain' | 'primary' | 'quiet' | 'danger';
  /** Visible label where it is shorter than the name. */
  children?: ReactNode;
  icon?: ReactNode;
  /** Shows the key inside the button too. */
  showsKeys?: boolean;
  /** For a button that unfolds something: whether it is unfolded, and the id of what. */
  isExpanded?: boolean;
  controls?: string;
};

/** A push button with a visible label. */
export function Button(props: ButtonProps) {
  const { name, shortcut, onPress, isDisabled = false, tone = 'plain', children, icon } = props;
  const tip = useTip<HTMLButtonElement>(props, () => {
    if (!isDisabled) onPress();
  });
  return (
    <>
      <AriaButton
        ref={tip.ref}
        className={styles.button}
        data-tone={tone}
        aria-label={children === undefined ? undefined : name}
        aria-expanded={props.isExpanded}
        aria-controls={props.controls}
        isDisabled={isDisabled}
        onPress={onPress}
        {...tip.hover}
        {...tip.focus}
        {...tip.described}
      >
        {icon}
        <span className={styles.label}>{children ?? name}</span>
        {props.showsKeys && (
          <span className={styles.keys} aria-hidden="true">
            {showKeys(shortcut)}
          </span>
        )}
      </AriaButton>
      {tip.tooltip}
    </>
  );
}

type IconButtonProps = ControlProps & {
  onPress: () => void;
  icon: ReactNode;
  isDisabled?: boolean;
  /** Out of the tab order: for a list's row, whose keys do the same. */
  excludeFromTabOrder?: boolean;
};

/** A push button that shows only an icon. */
export function IconButton(props: IconButtonProps) {
  const { name, onPress, icon, isDisabled = false } = props;
  const tip = useTip<HTMLButtonElement>(props, () => {
    if (!isDisabled) onPress();
  });
  return (
    <>
      <AriaButton
        ref={tip.ref}
        className={styles.icon}
        aria-label={name}
        isDisabled={isDisabled}
        onPress={onPress}
        excludeFromTabOrder={props.excludeFromTabOrder}
        {...tip.hover}
        {...tip.focus}
        {...tip.described}
      >
        {icon}
      </AriaButton>
      {tip.tooltip}
    </>
  );
}

type ToggleProps = ControlProps & {
  isSelected: boolean;
  onChange: (isSelected: boolean) => void;
  icon?: ReactNode;
  /** Visible label; without it the icon stands alone. */
  children?: ReactNode;
  isDisabled?: boolean;
  excludeFromTabOrder?: boolean;
};

/** A button that stays pressed. */
export function ToggleButton(props: ToggleProps) {
  const { name, isSelected, onChange, icon, children, isDisabled = false } = props;
  const tip = useTip<HTMLButtonElement>(props, () => {
    if (!isDisabled) onChange(!isSelected);
  });
  return (
    <>
      <AriaToggleButton
        ref={tip.ref}
        className={children === undefined ? styles.icon : styles.button}
        data-tone="plain"
        aria-label={name}
        isDisabled={isDisabled}
        isSelected={isSelected}
        onChange={onChange}
        excludeFromTabOrder={props.excludeFromTabOrder}
        {...tip.hover}
        {...tip.focus}
        {...tip.described}
      >
        {icon}
        {children !== undefined && <span className={styles.label}>{children}</span>}
      </AriaToggleButton>
      {tip.tooltip}
    </>
  );
}
