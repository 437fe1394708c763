import type { HiddenStates } from '../decoding/model';

/** [length] ids below `size` to measure and compare models on: no speech, but no repetition either. */
export function passage(length: number, size: number): number[] {
  return Array.from({ length }, (_, i) => (i * 997) % size);
}

/** How often such hidden states come again: they are made once, for reading them is timed. */
const PERIOD = 23;

/** Hidden states for a draft to read behind such a passage. */
export function passageStates(width: number): HiddenStates {
  const rows = Array.from({ length: PERIOD }, (_, position) =>
    Float32Array.from({ length: width }, (_, i) => ((position * 31 + i * 17) % PERIOD) / 11 - 1),
  );
  return { hidden: (position) => rows[position % PERIOD] };
}
