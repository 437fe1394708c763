import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import {
  Select as AriaSelect,
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from 'react-aria-components';
import { ShortcutLayer } from '../shortcuts/useShortcut';
import styles from './field.module.css';
import { type ControlProps, useTip } from './tip';

type Option<V extends string> = { value: V; label: string; description?: string };

type SelectProps<V extends string> = ControlProps & {
  value: V;
  onChange: (value: V) => void;
  options: readonly Option<V>[];
  isDisabled?: boolean;
  /** The name stays for screen readers and the tooltip only. */
  hidesLabel?: boolean;
  /** The label stands beside the control, not above it. */
  isInline?: boolean;
};

/** One of several, from a list that opens. */
export function Select<V extends string>(props: SelectProps<V>) {
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
  const [open, setOpen] = useState(false);
  return (
    <div ref={tip.ref} {...tip.hover} {...tip.focus}>
      <AriaSelect
        className={isInline ? styles.inline : styles.field}
        value={value}
        onChange={(key) => {
          const chosen = options.find((option) => option.value === key);
          if (chosen) onChange(chosen.value);
        }}
        isDisabled={isDisabled}
        isOpen={open}
        onOpenChange={setOpen}
        aria-label={hidesLabel ? name : undefined}
      >
        {!hidesLabel && <Label className={styles.label}>{name}</Label>}
        <Button className={styles.select} {...tip.described}>
          <SelectValue className={styles.value} />
          <ChevronDown aria-hidden="true" />
        </Button>
        <Popover className={styles.popover}>
          <ListBox
            className={styles.list}
            items={options.map((option) => ({ ...option, id: option.value }))}
          >
            {(option) => (
              <ListBoxItem id={option.value} className={styles.option} textValue={option.label}>
                <Text slot="label">{option.label}</Text>
                {option.description !== undefined && (
                  <Text slot="description" className={styles.description}>
                    {option.description}
                  </Text>
                )}
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </AriaSelect>
      {open && <ShortcutLayer name={name} />}
      {tip.tooltip}
    </div>
  );
}
