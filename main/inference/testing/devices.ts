import { toFailure } from '../../../contract/failure';
import { usable } from '../gpu-use';
import type { GpuUse } from '../messages';
import { DEVICES, type Device, PROVIDERS } from '../providers';

/** A way of running graphs: a device as it comes, or with captured passes. */
export type Way = {
  name: string;
  device: Device;
  gpu: GpuUse;
  /** How far logits may be from those of other passes over the same tokens. */
  logits: number;
  /** How far distributions may be from the CPU's, in nats. */
  nats: number;
};

/** Every way that this platform's builds of ONNX Runtime may have. */
export const WAYS: readonly Way[] = DEVICES.flatMap((device) => {
  const { capture, platforms } = PROVIDERS[device];
  if (!platforms.includes(process.platform)) return [];
  const gpu = usable(device);
  const bounds = gpu.half ? { logits: 0.1, nats: 1e-2 } : { logits: 1e-3, nats: 1e-6 };
  const asItComes = { name: device, device, gpu, ...bounds };
  if (capture === null) return [asItComes];
  return [
    asItComes,
    { ...asItComes, name: `${device}, captured`, gpu: { ...gpu, captured: true } },
  ];
});

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
