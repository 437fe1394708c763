import type { Device } from './messages';
import {
  CpuMemory,
  copyTensors,
  cudaCopy,
  type DeviceMemory,
  GpuMemory,
} from './runtime/device-memory';
import type { Provider, Session } from './runtime/session';

/** What ONNX Runtime's provider for a device is, and what it can do. */
type ProviderFacts = {
  /** ONNX Runtime's name; null for the CPU's own, which is always there. */
  name: string | null;
  /** Platforms whose builds may have it, as Node names them. */
  platforms: readonly NodeJS.Platform[];
  /** Where sessions keep what they read and write. */
  memory: (session: Session) => DeviceMemory;
  /** The option that has it capture what a pass does, once for each of its lengths; null where it cannot. */
  capture: string | null;
  /** Whether it reads an embedding in blocks of 8 bits; where not, it is given one of plain numbers. */
  readsBlockEmbedding: boolean;
};

const inThisProcess = () => new CpuMemory();

/** Every device that graphs may run on. What depends on a device is asked of this table. */
export const PROVIDERS: Record<Device, ProviderFacts> = {
  cpu: {
    name: null,
    platforms: ['linux', 'darwin', 'win32'],
    memory: inThisProcess,
    capture: null,
    readsBlockEmbedding: true,
  },
  cuda: {
    name: 'CUDA',
    platforms: ['linux', 'win32'],
    memory: (session) => new GpuMemory(session, 'Cuda', cudaCopy()),
    capture: 'enable_cuda_graph',
    readsBlockEmbedding: false,
  },
  webgpu: {
    name: 'WebGPU',
    platforms: ['linux', 'darwin', 'win32'],
    memory: (session) => new GpuMemory(session, 'WebGPU_Buffer', copyTensors),
    capture: 'enableGraphCapture',
    readsBlockEmbedding: true,
  },
  coreml: {
    name: 'CoreML',
    platforms: ['darwin'],
    memory: inThisProcess,
    capture: null,
    readsBlockEmbedding: true,
  },
  dml: {
    name: 'DML',
    platforms: ['win32'],
    memory: inThisProcess,
    capture: null,
    readsBlockEmbedding: true,
  },
};

/** A device's provider as a session is opened with it; undefined for the CPU's. */
export function providerFor(device: Device, captures: boolean): Provider | undefined {
  const { name, capture } = PROVIDERS[device];
  if (name === null) return undefined;
  return { name, options: capture && captures ? { [capture]: '1' } : {} };
}
