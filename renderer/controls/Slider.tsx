import {
  Slider as AriaSlider,
  Label,
  SliderOutput,
  SliderThumb,
  SliderTrack,
} from 'react-aria-components';
import styles from './field.module.css';
import { type ControlProps, useTip } from './tip';

type SliderProps = ControlProps & {
  value: number;
  onChange: (value: number) => void;
  minValue: number;
  maxValue: number;
  step: number;
  /** Marked on the track; a double click returns to it. */
  defaultMark?: number;
  format?: Intl.NumberFormatOptions;
  /** Shown in place of the number. */
  show?: (value: number) => string;
  isDisabled?: boolean;
};

/** A horizontal slider with its name and value above. Arrow keys move one step, Page keys ten. */
export function Slider(props: SliderProps) {
  const { name, value, onChange, minValue, maxValue, step, defaultMark, format, show } = props;
  const tip = useTip<HTMLDivElement>(props);
  const shareOf = (at: number) => `${((at - minValue) / (maxValue - minValue)) * 100}%`;
  return (
    <div ref={tip.ref} {...tip.hover} {...tip.focus}>
      <AriaSlider
        className={styles.slider}
        value={value}
        onChange={onChange}
        minValue={minValue}
        maxValue={maxValue}
        step={step}
        formatOptions={format}
        isDisabled={props.isDisabled}
      >
        <div className={styles.row}>
          <Label className={styles.label}>{name}</Label>
          <SliderOutput className={styles.output}>
            {({ state }) => (show ? show(state.values[0]) : state.getThumbValueLabel(0))}
          </SliderOutput>
        </div>
        <SliderTrack
          className={styles.track}
          onDoubleClick={() => {
            if (defaultMark !== undefined) onChange(defaultMark);
          }}
        >
          <span className={styles.rail} />
          {defaultMark !== undefined && (
            <span className={styles.mark} style={{ left: shareOf(defaultMark) }} />
          )}
          <span className={styles.fill} style={{ left: 0, width: shareOf(value) }} />
          <SliderThumb className={styles.thumb} {...tip.described} />
        </SliderTrack>
      </AriaSlider>
      {tip.tooltip}
    </div>
  );
}
