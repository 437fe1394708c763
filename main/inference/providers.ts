type Precision = 'half' | 'single';

/** How a provider captures what a pass does, to do it again. */
export type Capture = {
  /** The option that has it capture each length of pass once. */
  option: string;
  /** Positions of the shortest pass that it captures rightly; a shorter one is filled up. */
  shortest: number;
  /** Whether the first pass that a session captures comes out wrong, whatever is captured later. */
  losesFirst: boolean;
};

/** What ONNX Runtime's provider for a device is, and what it can do. */
type ProviderFacts = {
  /** As people call it, at the head of a sentence. */
  label: string;
  /** The same beside the engine's state in the window. */
  shortLabel: string;
  /** ONNX Runtime's name; null for the CPU's own. */
  name: string | null;
  /**
   * Whether it is the processor itself: always there, short of cores when others use them, and what takes over where
   * another device stops working. What fails on it is the pack's fault.
   */
  isProcessor: boolean;
  /** Platforms whose builds may have it, as Node names them. */
  platforms: readonly NodeJS.Platform[];
  /** The commands that bring its libraries again where they do not load; null for those that the system brings. */
  libraryCommands: string | null;
  /** Where sessions keep what they read and write (`session-memory.ts`). */
  memory: 'process' | 'cuda' | 'webgpu';
  /** Null where it cannot. */
  capture: Capture | null;
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
  /** Whether a pass grows evenly with its length. Others may have another program from some length on. */
  growsEvenly: boolean;
  /** What a pass takes longer for each position that the caches hold, in passes over one behind empty caches. */
  growthByPosition: number;
  /** What it computes in, the one to be tried first at the front. */
  precisions: readonly Precision[];
  /** Whether it reads an embedding in blocks of 8 bits; where not, it is given one of plain numbers. */
  readsBlockEmbedding: boolean;
};

const whole = (maxLength: number) => [maxLength];
const BOTH = ['half', 'single'] as const;

/** Some eight seconds of speech at 50 tokens a second, prompt included. */
const SHORT_CACHE = 512;

/** A GPU that nobody measured, whose sessions read and write memory of this process. */
const UNMEASURED = {
  isProcessor: false,
  libraryCommands: null,
  memory: 'process',
  capture: null,
  cacheLengths: whole,
  growth: 0.22,
  growsEvenly: false,
  growthByPosition: 0,
  precisions: BOTH,
  readsBlockEmbedding: true,
} as const;

/**
 * Every device that graphs may run on, the one to be tried first at the front. What depends on a device is asked of
 * this table.
 */
const TABLE = {
  cuda: {
    label: 'CUDA',
    shortLabel: 'GPU (CUDA)',
    name: 'CUDA',
    isProcessor: false,
    platforms: ['linux', 'win32'],
    libraryCommands: '`npm run gpu -- --remove`, then `npm run gpu`',
    memory: 'cuda',
    capture: { option: 'enable_cuda_graph', shortest: 1, losesFirst: false },
    cacheLengths: (maxLength) => [...(maxLength > SHORT_CACHE ? [SHORT_CACHE] : []), maxLength],
    growth: 0.08,
    growsEvenly: false,
    growthByPosition: 0,
    // ONNX Runtime computes grouped-query attention of single precision elsewhere, on the CPU.
    precisions: ['half'],
    readsBlockEmbedding: false,
  },
  webgpu: {
    label: 'WebGPU',
    shortLabel: 'GPU (WebGPU)',
    name: 'WebGPU',
    isProcessor: false,
    platforms: ['linux', 'darwin', 'win32'],
    libraryCommands: null,
    memory: 'webgpu',
    // ONNX Runtime 1.30 has another program for one position: captured, it attends no further than it did then.
    capture: { option: 'enableGraphCapture', shortest: 2, losesFirst: true },
    cacheLengths: whole,
    growth: 0.08,
    growsEvenly: false,
    growthByPosition: 0,
    precisions: BOTH,
    readsBlockEmbedding: true,
  },
  coreml: {
    label: 'Core ML',
    shortLabel: 'Core ML',
    name: 'CoreML',
    platforms: ['darwin'],
    ...UNMEASURED,
  },
  dml: {
    label: 'DirectML',
    shortLabel: 'GPU (DirectML)',
    name: 'DML',
    platforms: ['win32'],
    ...UNMEASURED,
  },
  cpu: {
    label: 'The CPU',
    shortLabel: 'CPU',
    name: null,
    isProcessor: true,
    platforms: ['linux', 'darwin', 'win32'],
    libraryCommands: null,
    memory: 'process',
    capture: null,
    cacheLengths: whole,
    growth: 0.22,
    growsEvenly: true,
    growthByPosition: 0.001,
    precisions: ['single'],
    readsBlockEmbedding: true,
  },
} satisfies Record<string, ProviderFacts>;

export type Device = keyof typeof TABLE;

export const PROVIDERS: Record<Device, ProviderFacts> = TABLE;

export const DEVICES = Object.keys(TABLE) as Device[];

/** Devices beside the processor that ONNX Runtime may be built with on a platform, the one to be tried first at the front. */
export function gpusOn(platform: NodeJS.Platform): Device[] {
  return DEVICES.filter((device) => {
    const { isProcessor, platforms } = PROVIDERS[device];
    return !isProcessor && platforms.includes(platform);
  });
}
