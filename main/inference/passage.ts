import type { HiddenStates } from '../decoding/model';

/** [length] ids below `size` to measure and compare models on: no speech, but no repetition either. */
export function passage(length: number, size: number): number[] {
  return Array.from({ length }, (_, i) => (i * 997) % size);
}

/** Hidden states for a draft to read behind such a passage. */
export function passageStates(width: number): HiddenStates {
  return {
    hidden: (position) =>
      Float32Array.from({ length: width }, (_, i) => ((position * 31 + i * 17) % 23) / 11 - 1),
  };
}
