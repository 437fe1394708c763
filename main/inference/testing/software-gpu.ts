/** Whether the tests' GPU is software (`scripts/setup/software-gpu.mjs`). */
export const IS_SOFTWARE = process.env.SOFTWARE_GPU === '1';

/**
 * Positions of the longest pass that is right on a device. Attention over 32 positions and more is
 * computed by groups of threads that work in step, and onnxruntime's program for it is wrong where
 * such a group has as few as SwiftShader's, which is four. The app refuses such a device (`trial.ts`).
 */
export function longestPass(device: string): number {
  return device === 'webgpu' && IS_SOFTWARE ? 31 : Number.POSITIVE_INFINITY;
}
