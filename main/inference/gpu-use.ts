import { type Device, type GpuUse, PLAIN_USE } from './messages';
import { PROVIDERS } from './providers';
import type { Provider } from './runtime/session';

/** How a device is used by graphs that were made for `use`; the processor takes them as they are. */
export function usable(device: Device, use = PLAIN_USE): GpuUse {
  const { isProcessor, precisions } = PROVIDERS[device];
  if (isProcessor) return PLAIN_USE;
  return precisions.includes('single') ? use : { ...use, half: true };
}

/** A device's provider as a session is opened with it; undefined for the CPU's. */
export function providerFor(device: Device, captures: boolean): Provider | undefined {
  const { name, capture } = PROVIDERS[device];
  if (name === null) return undefined;
  return { name, options: capture && captures ? { [capture.option]: '1' } : {} };
}
