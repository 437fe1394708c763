import { type Device, PROVIDERS } from './providers';
import { CudaMemory } from './runtime/cuda-memory';
import { CpuMemory, type DeviceMemory } from './runtime/device-memory';
import type { Session } from './runtime/session';
import { WebgpuMemory } from './runtime/webgpu-memory';

/** Where a session on `device` keeps what it reads and writes. Throws an `Error` where that is not to be had. */
export function memoryOf(device: Device, session: Session): DeviceMemory {
  switch (PROVIDERS[device].memory) {
    case 'process':
      return new CpuMemory();
    case 'cuda':
      return new CudaMemory();
    case 'webgpu':
      return new WebgpuMemory(session);
  }
}
