import koffi from 'koffi';
import { call, make } from './api';
import { loadCudaLibraries } from './cuda-libraries';
import { environment } from './environment';
import { Handle, Owner } from './handle';
import { readShape, typeName } from './tensor';

/** An input or output of a graph. A side of its shape is a length, or the name of an open one. */
export type ValueInfo = { name: string; type: string; shape: (number | string)[] };

/** A provider by ONNX Runtime's name, with its options. */
export type Provider = { name: string; options?: Readonly<Record<string, string>> };

export type SessionOptions = {
  /** Threads that an operator may share. */
  threads: number;
  /** Whether the graph is optimised for this processor; not one that was when it was written. */
  optimise?: boolean;
  /** Beside the CPU's, which does what this one cannot. */
  provider?: Provider;
  /** The library's own settings by their keys. */
  config?: Readonly<Record<string, string>>;
  /** Where to write the optimised graph. */
  copyTo?: string;
  /** Where to write what every operator took, as the beginning of a file's name. */
  profileTo?: string;
};

const OPTIMISE = { nothing: 0, all: 99 };

/** An opened graph. */
export class Session {
  readonly handle: Handle;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];

  private constructor(pointer: bigint) {
    this.handle = new Handle('Session', pointer);
    try {
      this.inputs = describe(pointer, 'Input');
      this.outputs = describe(pointer, 'Output');
    } catch (error) {
      this.handle.release();
      throw error;
    }
  }

  /**
   * Opens the graph in a file, or in memory, which is not needed afterwards. Blocks this thread while it does. Throws an
   * `Error` with the library's words.
   */
  static open(graph: string | Uint8Array, options: SessionOptions): Session {
    // Providers want it when they are appended.
    const shared = environment();
    const owner = new Owner();
    try {
      const set = sessionOptions(options, owner);
      return new Session(
        typeof graph === 'string'
          ? make('CreateSession', shared, graph, set)
          : make('CreateSessionFromArray', shared, graph, graph.byteLength, set),
      );
    } finally {
      owner.release();
    }
  }

  /** Ends profiling, and returns the file that holds it. */
  endProfiling(): string {
    const allocator = make('GetAllocatorWithDefaultOptions');
    return takeText(allocator, make('SessionEndProfiling', this.handle.pointer, allocator));
  }

  release(): void {
    this.handle.release();
  }
}

function sessionOptions(options: SessionOptions, owner: Owner): bigint {
  const { threads, optimise = true, provider, config = {}, copyTo, profileTo } = options;
  const set = owner.own(new Handle('SessionOptions', make('CreateSessionOptions'))).pointer;
  call('SetIntraOpNumThreads', set, threads);
  call('SetSessionGraphOptimizationLevel', set, optimise ? OPTIMISE.all : OPTIMISE.nothing);
  for (const [key, value] of Object.entries(config)) call('AddSessionConfigEntry', set, key, value);
  if (copyTo !== undefined) call('SetOptimizedModelFilePath', set, copyTo);
  if (profileTo !== undefined) call('EnableProfiling', set, profileTo);
  if (provider) appendProvider(set, provider, owner);
  return set;
}

function appendProvider(set: bigint, { name, options = {} }: Provider, owner: Owner): void {
  const keys = Object.keys(options);
  const values = Object.values(options);
  if (name !== 'CUDA') {
    call('SessionOptionsAppendExecutionProvider', set, name, keys, values, keys.length);
    return;
  }
  loadCudaLibraries();
  const cuda = owner.own(
    new Handle('CUDAProviderOptions', make('CreateCUDAProviderOptions')),
  ).pointer;
  if (keys.length > 0) call('UpdateCUDAProviderOptions', cuda, keys, values, keys.length);
  call('SessionOptionsAppendExecutionProvider_CUDA_V2', set, cuda);
}

function describe(session: bigint, side: 'Input' | 'Output'): ValueInfo[] {
  const count = new BigUint64Array(1);
  call(`SessionGet${side}Count`, session, count);
  const allocator = make('GetAllocatorWithDefaultOptions');
  return Array.from({ length: Number(count[0]) }, (_, i) => {
    const name = takeText(allocator, make(`SessionGet${side}Name`, session, i, allocator));
    const info = new Handle('TypeInfo', make(`SessionGet${side}TypeInfo`, session, i));
    try {
      // It belongs to the type, and is null for what is no tensor.
      const tensor = make('CastTypeInfoToTensorInfo', info.pointer);
      if (tensor === 0n) return { name, type: 'no tensor', shape: [] };
      const { code, shape } = readShape(tensor);
      const names = new BigUint64Array(shape.length);
      call('GetSymbolicDimensions', tensor, names, names.length);
      const sides = shape.map((side, at) => (side >= 0 ? side : textAt(names[at])));
      return { name, type: typeName(code), shape: sides };
    } finally {
      info.release();
    }
  });
}

const textAt = (pointer: bigint) => koffi.decode(pointer, 'char', -1) as string;

/** A text that the library made for the caller. */
function takeText(allocator: bigint, pointer: bigint): string {
  try {
    return textAt(pointer);
  } finally {
    call('AllocatorFree', allocator, pointer);
  }
}
