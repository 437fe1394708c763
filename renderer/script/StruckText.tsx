import type { Ref } from 'react';
import styles from './script.module.css';

type StruckTextProps = {
  text: string;
  /** [start, end) in UTF-16 units, in order. */
  ranges: readonly (readonly [number, number])[];
  ref: Ref<HTMLDivElement>;
};

/** Lies over the text area with the same metrics and strikes ranges through. */
export function StruckText({ text, ranges, ref }: StruckTextProps) {
  const parts = [];
  let from = 0;
  for (const [start, end] of ranges) {
    parts.push(text.slice(from, start), <s key={start}>{text.slice(start, end)}</s>);
    from = end;
  }
  // A last line that is empty takes no height without a character after it.
  parts.push(`${text.slice(from)}\n`);
  return (
    <div ref={ref} className={styles.struck} aria-hidden="true">
      {parts}
    </div>
  );
}
