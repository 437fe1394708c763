/** [length] ids below `size` to measure and compare models on: no speech, but no repetition either. */
export function passage(length: number, size: number): number[] {
  return Array.from({ length }, (_, i) => (i * 997) % size);
}
