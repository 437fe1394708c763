import { toFailure } from '../../../contract/failure';

/** Whether the tests' device is a GPU made of software (`scripts/setup/software-gpu.mjs`), a hundredth as fast. */
export function isSoftware(device: string): boolean {
  return device === 'webgpu' && process.env.SOFTWARE_GPU === '1';
}

/**
 * Positions of the longest pass that is right on a device. Attention over 32 positions and more is
 * computed by groups of threads that work in step, and onnxruntime's program for it is wrong where
 * such a group has as few as SwiftShader's, which is four. The app refuses such a device (`trial.ts`).
 */
export function longestPass(device: string): number {
  return isSoftware(device) ? 31 : Number.POSITIVE_INFINITY;
}

/** Why a test is skipped where a device does not open; the CPU always must, so that its error is thrown. */
export function notPresent(device: string, error: unknown): string {
  if (device === 'cpu') throw error;
  return `${device} is not present: ${toFailure(error).message.split('\n')[0]}`;
}
