import { type Device, type GpuUse, PLAIN_USE } from './messages';
import { CudaMemory } from './runtime/cuda-memory';
import { CpuMemory, type DeviceMemory } from './runtime/device-memory';
import type { Provider, Session } from './runtime/session';
import { WebgpuMemory } from './runtime/webgpu-memory';

type Precision = 'half' | 'single';

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
  /**
   * Lengths of caches that it is to have, in positions, the shortest first. What a captured pass takes grows with the
   * length that it was captured for, so that short takes are to have short caches.
   */
  cacheLengths: (maxLength: number) => number[];
  /**
   * What a pass takes longer for each position that it has beyond one, in passes over one. On GPUs that nobody measured
   * as much as on a CPU, for too many drafts lose more than too few.
   */
  growth: number;
  /** What a pass takes longer for each position that the caches hold, in passes over one behind empty caches. */
  growthByPosition: number;
  /** What it computes in, the one to be tried first at the front. */
  precisions: readonly Precision[];
  /** Whether it reads an embedding in blocks of 8 bits; where not, it is given one of plain numbers. */
  readsBlockEmbedding: boolean;
};

const inThisProcess = () => new CpuMemory();
const whole = (maxLength: number) => [maxLength];
const BOTH = ['half', 'single'] as const;

/** Some eight seconds of speech at 50 tokens a second, prompt included. */
const SHORT_CACHE = 512;

/** Every device that graphs may run on. What depends on a device is asked of this table. */
export const PROVIDERS: Record<Device, ProviderFacts> = {
  cpu: {
    name: null,
    platforms: ['linux', 'darwin', 'win32'],
    memory: inThisProcess,
    capture: null,
    cacheLengths: whole,
    growth: 0.22,
    growthByPosition: 0.001,
    precisions: ['single'],
    readsBlockEmbedding: true,
  },
  cuda: {
    name: 'CUDA',
    platforms: ['linux', 'win32'],
    memory: () => new CudaMemory(),
    capture: 'enable_cuda_graph',
    cacheLengths: (maxLength) => [...(maxLength > SHORT_CACHE ? [SHORT_CACHE] : []), maxLength],
    growth: 0.08,
    growthByPosition: 0,
    // ONNX Runtime computes grouped-query attention of single precision elsewhere, on the CPU.
    precisions: ['half'],
    readsBlockEmbedding: false,
  },
  webgpu: {
    name: 'WebGPU',
    platforms: ['linux', 'darwin', 'win32'],
    memory: (session) => new WebgpuMemory(session),
    // ONNX Runtime 1.30 captures how far a pass attends as well, so that one later in a take is wrong.
    capture: null,
    cacheLengths: whole,
    growth: 0.1,
    growthByPosition: 0,
    precisions: BOTH,
    readsBlockEmbedding: true,
  },
  coreml: {
    name: 'CoreML',
    platforms: ['darwin'],
    memory: inThisProcess,
    capture: null,
    cacheLengths: whole,
    growth: 0.22,
    growthByPosition: 0,
    precisions: BOTH,
    readsBlockEmbedding: true,
  },
  dml: {
    name: 'DML',
    platforms: ['win32'],
    memory: inThisProcess,
    capture: null,
    cacheLengths: whole,
    growth: 0.22,
    growthByPosition: 0,
    precisions: BOTH,
    readsBlockEmbedding: true,
  },
};

/** Devices beside the CPU that ONNX Runtime may be built with on a platform. */
export function gpusOn(platform: NodeJS.Platform): Device[] {
  const devices = Object.keys(PROVIDERS) as Device[];
  return devices.filter((device) => {
    const { name, platforms } = PROVIDERS[device];
    return name !== null && platforms.includes(platform);
  });
}

/** How a device is used by graphs that were made for `use`; the CPU takes them as they are. */
export function usable(device: Device, use = PLAIN_USE): GpuUse {
  if (device === 'cpu') return PLAIN_USE;
  return PROVIDERS[device].precisions.includes('single') ? use : { ...use, half: true };
}

/** A device's provider as a session is opened with it; undefined for the CPU's. */
export function providerFor(device: Device, captures: boolean): Provider | undefined {
  const { name, capture } = PROVIDERS[device];
  if (name === null) return undefined;
  return { name, options: capture && captures ? { [capture]: '1' } : {} };
}
