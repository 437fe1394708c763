import { useState } from 'react';
import { CONDITION_LIMITS } from '../../contract/listening';
import type { PackSummary } from '../../contract/pack';
import type { SpeakSettings } from '../../contract/settings';
import { Button } from '../controls/Button';
import { NumberField } from '../controls/NumberField';
import { Segmented } from '../controls/Segmented';
import { Select } from '../controls/Select';
import { METHOD_LABELS } from '../script/methods';
import styles from './listening.module.css';

type ConditionsFormProps = {
  pack: PackSummary;
  conditions: SpeakSettings[];
  /** So many this kind of test may compare. */
  most: number;
  onChange: (conditions: SpeakSettings[]) => void;
};

const METHODS = ['plain', 'exact', 'pcg'] as const;

/** Settings to compare, one at a time in the form. What is not here is as in the script panel. */
export function ConditionsForm({ pack, conditions, most, onChange }: ConditionsFormProps) {
  const [shown, setShown] = useState(0);
  const index = Math.min(shown, conditions.length - 1);
  const settings = conditions[index];
  const change = (part: Partial<SpeakSettings>) =>
    onChange(conditions.map((each, i) => (i === index ? { ...each, ...part } : each)));
  const add = () => {
    onChange([...conditions, { ...conditions[conditions.length - 1], theta: nextTheta() }]);
    setShown(conditions.length);
  };
  /** Another threshold, so that no two conditions begin alike. */
  const nextTheta = () => {
    const used = conditions.map(({ theta }) => theta);
    return Math.min(1, Math.round((Math.max(...used) + 0.1) * 100) / 100);
  };
  return (
    <div className={styles.condition}>
      <div className={styles.columns}>
        <Segmented
          name="Settings of"
          tooltip="Whose settings are shown below."
          shortcut="Alt+KeyB"
          value={String(index)}
          onChange={(value) => setShown(Number(value))}
          options={conditions.map((_, i) => ({ value: String(i), label: 'ABCD'[i] }))}
        />
        <Segmented
          name="Method"
          tooltip="How its tokens are chosen."
          shortcut="Alt+KeyM"
          value={settings.method}
          onChange={(method) => change({ method })}
          options={METHODS.map((value) => ({ value, label: METHOD_LABELS[value] }))}
        />
      </div>
      <div className={styles.columns}>
        <NumberField
          name="Group threshold θ"
          tooltip="For PCG: a lower one makes larger groups."
          shortcut="Alt+KeyG"
          value={settings.theta}
          onChange={(theta) => change({ theta })}
          minValue={pack.thetaFloor}
          maxValue={1}
          step={0.01}
          isDisabled={settings.method !== 'pcg'}
        />
        <NumberField
          name="Temperature"
          tooltip="0 always takes the likeliest token."
          shortcut="Alt+KeyY"
          value={settings.temperature}
          onChange={(temperature) => change({ temperature })}
          minValue={0}
          maxValue={2}
          step={0.05}
        />
        <Select
          name="Voice"
          tooltip="Who speaks."
          shortcut="Alt+KeyV"
          value={settings.voice}
          onChange={(voice) => change({ voice })}
          options={pack.voices.map(({ name, description }) => ({
            value: name,
            label: name,
            description,
          }))}
        />
      </div>
      {most > CONDITION_LIMITS.preference.max && (
        <div className={styles.actions}>
          <Button
            name="Add settings"
            tooltip="Adds one more to rate."
            shortcut="Alt+KeyI"
            isDisabled={conditions.length >= most}
            onPress={add}
          />
          <Button
            name="Remove settings"
            tooltip="Takes the last one away."
            shortcut="Alt+KeyU"
            isDisabled={conditions.length <= CONDITION_LIMITS.mushra.min}
            onPress={() => onChange(conditions.slice(0, -1))}
          />
        </div>
      )}
    </div>
  );
}
