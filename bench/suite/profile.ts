/** An event of ONNX Runtime's profile, as far as it is read. */
export type ProfileEvent = { cat: string; name: string };

/** Operators that each of `passes` passes ran, all alike. */
export function operatorsAPass(events: readonly ProfileEvent[], passes: number): number {
  const run = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  return Math.round(run.length / passes);
}

/**
 * Programs that each of them started on a GPU, or null where the profile does not tell. CUDA’s provider tells of kernels
 * where it was built to, WebGPU’s tells of each of its dispatches; the CPU’s of none.
 */
export function programsAPass(events: readonly ProfileEvent[], passes: number): number | null {
  for (const kind of ['Kernel', 'Api']) {
    const started = events.filter(({ cat }) => cat === kind).length;
    if (started > 0) return Math.round(started / passes);
  }
  return null;
}
