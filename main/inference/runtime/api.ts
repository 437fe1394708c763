import koffi, { type TypeObject } from 'koffi';
import { type Library, loadLibrary, loadLibraryFrom } from './library';

/** Paths are wide on Windows. */
const PATH = process.platform === 'win32' ? 'str16' : 'str';

/**
 * The functions of the C API that are used: the place of each in its table, and what it takes. Each gives a
 * status, or null where all went well.
 */
const FUNCTIONS = {
  CreateEnv: [3, 'int, str, void *'],
  DisableTelemetryEvents: [6, 'void *'],
  CreateSession: [7, `void *, ${PATH}, void *, void *`],
  CreateSessionFromArray: [8, 'void *, void *, size_t, void *, void *'],
  CreateSessionOptions: [10, 'void *'],
  SetOptimizedModelFilePath: [11, `void *, ${PATH}`],
  EnableProfiling: [14, `void *, ${PATH}`],
  SetSessionGraphOptimizationLevel: [23, 'void *, int'],
  SetIntraOpNumThreads: [24, 'void *, int'],
  SessionGetInputCount: [30, 'void *, void *'],
  SessionGetOutputCount: [31, 'void *, void *'],
  SessionGetInputTypeInfo: [33, 'void *, size_t, void *'],
  SessionGetOutputTypeInfo: [34, 'void *, size_t, void *'],
  SessionGetInputName: [36, 'void *, size_t, void *, void *'],
  SessionGetOutputName: [37, 'void *, size_t, void *, void *'],
  CreateRunOptions: [39, 'void *'],
  CreateTensorAsOrtValue: [48, 'void *, void *, size_t, int, void *'],
  CreateTensorWithDataAsOrtValue: [49, 'void *, void *, size_t, void *, size_t, int, void *'],
  GetTensorMutableData: [51, 'void *, void *'],
  CastTypeInfoToTensorInfo: [55, 'void *, void *'],
  GetTensorElementType: [60, 'void *, void *'],
  GetDimensionsCount: [61, 'void *, void *'],
  GetDimensions: [62, 'void *, void *, size_t'],
  GetSymbolicDimensions: [63, 'void *, void *, size_t'],
  CreateMemoryInfo: [68, 'str, int, int, int, void *'],
  CreateCpuMemoryInfo: [69, 'int, int, void *'],
  AllocatorFree: [76, 'void *, void *'],
  GetAllocatorWithDefaultOptions: [78, 'void *'],
  SessionEndProfiling: [110, 'void *, void *, void *'],
  AddSessionConfigEntry: [130, 'void *, str, str'],
  CreateAllocator: [131, 'void *, void *, void *'],
  RunWithBinding: [133, 'void *, void *, void *'],
  CreateIoBinding: [134, 'void *, void *'],
  BindInput: [136, 'void *, str, void *'],
  BindOutput: [137, 'void *, str, void *'],
  AddRunConfigEntry: [165, 'void *, str, str'],
  CreateCUDAProviderOptions: [205, 'void *'],
  UpdateCUDAProviderOptions: [206, 'void *, const char **, const char **, size_t'],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, 'void *, void *'],
  SessionOptionsAppendExecutionProvider: [216, 'void *, str, const char **, const char **, size_t'],
  CopyTensors: [386, 'void *, void *, void *, void *, size_t'],
} as const satisfies Record<string, readonly [number, string]>;

/** What gives back what a function made, by the kind of thing. */
const RELEASES = {
  Env: 92,
  Status: 93,
  MemoryInfo: 94,
  Session: 95,
  Value: 96,
  RunOptions: 97,
  TypeInfo: 98,
  SessionOptions: 100,
  Allocator: 132,
  IoBinding: 135,
  CUDAProviderOptions: 208,
} as const;

const GET_ERROR_MESSAGE = 2;

export type FunctionName = keyof typeof FUNCTIONS;
export type Kind = keyof typeof RELEASES;
type Argument = bigint | number | string | null | ArrayBufferView | ArrayBuffer | string[];

type Api = {
  call: (name: FunctionName, given: Argument[]) => void;
  release: (kind: Kind, pointer: bigint) => void;
};

let loaded: { api: Api; library: Library } | null = null;

/**
 * Has this process use ONNX Runtime from `file` in place of the one that the program carries. Throws an `Error` where it
 * does not load, or once another is in use.
 */
export function useLibrary(file: string): void {
  if (loaded) throw new Error('ONNX Runtime is in use already.');
  const library = loadLibraryFrom(file);
  loaded = { api: apiOf(library), library };
}

/** The library in use, loaded when it is first asked for. Throws an `Error` where it does not load. */
export function library(): Library {
  return inUse().library;
}

/** Calls a function of the C API. Throws an `Error` that names the function and says what it said. */
export function call(name: FunctionName, ...given: Argument[]): void {
  inUse().api.call(name, given);
}

/** Calls a function whose last argument takes the address of what it made, and returns that. */
export function make(name: FunctionName, ...given: Argument[]): bigint {
  const made = new BigUint64Array(1);
  call(name, ...given, made);
  return made[0];
}

/** Gives back what the library made. */
export function release(kind: Kind, pointer: bigint): void {
  inUse().api.release(kind, pointer);
}

function inUse() {
  if (!loaded) {
    const library = loadLibrary();
    loaded = { api: apiOf(library), library };
  }
  return loaded;
}

function apiOf({ table }: Library): Api {
  const bound = <T>(entries: [string, T][]) => new Map(entries);
  const functions = bound(
    Object.entries(FUNCTIONS).map(([name, [place, takes]]) => [
      name,
      { address: table[place], type: koffi.proto(`void *Ort${name}(${takes})`) },
    ]),
  );
  const releases = bound(
    Object.entries(RELEASES).map(([kind, place]) => [
      kind,
      { address: table[place], type: koffi.proto(`void OrtRelease${kind}(void *)`) },
    ]),
  );
  const messageType = koffi.proto('str OrtGetErrorMessage(void *)');
  const release = (kind: Kind, pointer: bigint) => {
    const { address, type } = releases.get(kind) as { address: bigint; type: TypeObject };
    koffi.call(address, type, pointer);
  };
  return {
    release,
    call(name, given) {
      const { address, type } = functions.get(name) as { address: bigint; type: TypeObject };
      const status = koffi.call(address, type, ...given) as bigint | null;
      if (!status) return;
      const message = koffi.call(table[GET_ERROR_MESSAGE], messageType, status) as string;
      release('Status', status);
      throw new Error(`${name}: ${message}`);
    },
  };
}
