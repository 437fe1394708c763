import koffi, { type LibraryHandle } from 'koffi';
import { call, make } from './api';
import { environment } from './environment';
import { Handle, Owner } from './handle';
import type { Session } from './session';
import {
  bytesOf,
  CpuTensor,
  codeOf,
  countOf,
  type NumberType,
  sidesOf,
  type Tensor,
} from './tensor';

/** Numbers that this process reads or writes, and that a session has in its device's memory; on the CPU both are one. */
export type Mirror<T extends NumberType = NumberType> = {
  readonly host: CpuTensor<T>;
  readonly device: Tensor;
  /** Copies what this process wrote to the device. */
  send(): void;
  /** Copies what the device wrote to this process. */
  fetch(): void;
};

/** Memory in which a session's device keeps what it reads and writes. Owns all that it made. */
export interface DeviceMemory {
  /** Room for numbers that only the device reads and writes. */
  tensor(type: NumberType, shape: readonly number[], owner?: Owner): Tensor;
  mirror<T extends NumberType>(type: T, shape: readonly number[], owner?: Owner): Mirror<T>;
  release(): void;
}

/** The memory of this process. */
export class CpuMemory implements DeviceMemory {
  private readonly owner = new Owner();

  tensor(type: NumberType, shape: readonly number[], owner = this.owner): Tensor {
    return owner.own(new CpuTensor(type, shape));
  }

  mirror<T extends NumberType>(type: T, shape: readonly number[], owner = this.owner): Mirror<T> {
    const host = owner.own(new CpuTensor(type, shape));
    return { host, device: host, send: () => {}, fetch: () => {} };
  }

  release(): void {
    this.owner.release();
  }
}

/** How numbers get to a device and back. */
type Copy = (from: Tensor, to: Tensor, bytes: number, direction: 'toDevice' | 'toHost') => void;

/** Memory of a device, of which ONNX Runtime gives the parts. */
export class GpuMemory implements DeviceMemory {
  private readonly owner = new Owner();
  private readonly allocator: bigint;

  /** `name`: ONNX Runtime's, such as `Cuda`. Throws an `Error` for a device without memory of that name. */
  constructor(
    session: Session,
    name: string,
    private readonly copy: Copy,
  ) {
    const info = this.owner.own(
      new Handle('MemoryInfo', make('CreateMemoryInfo', name, ARENA, 0, 0)),
    );
    const allocator = make('CreateAllocator', session.handle.pointer, info.pointer);
    this.allocator = this.owner.own(new Handle('Allocator', allocator)).pointer;
  }

  tensor(type: NumberType, shape: readonly number[], owner = this.owner): Tensor {
    const sides = sidesOf(shape);
    const pointer = make(
      'CreateTensorAsOrtValue',
      this.allocator,
      sides,
      shape.length,
      codeOf(type),
    );
    const handle = owner.own(new Handle('Value', pointer));
    return { handle, type, shape, release: () => handle.release() };
  }

  mirror<T extends NumberType>(type: T, shape: readonly number[], owner = this.owner): Mirror<T> {
    const host = owner.own(new CpuTensor(type, shape));
    const device = this.tensor(type, shape, owner);
    const bytes = countOf(shape) * bytesOf(type);
    return {
      host,
      device,
      send: () => this.copy(host, device, bytes, 'toDevice'),
      fetch: () => this.copy(device, host, bytes, 'toHost'),
    };
  }

  release(): void {
    this.owner.release();
  }
}

const ARENA = 1;

/** By ONNX Runtime itself. */
export const copyTensors: Copy = (from, to) => {
  const sources = BigUint64Array.of(from.handle.pointer);
  const targets = BigUint64Array.of(to.handle.pointer);
  call('CopyTensors', environment(), sources, targets, null, 1);
};

/** `cudaMemcpy`’s numbers of the two directions. */
const CUDA_DIRECTIONS = { toDevice: 1, toHost: 2 };
const CUDA_RUNTIMES =
  process.platform === 'win32'
    ? ['cudart64_13.dll', 'cudart64_12.dll']
    : ['libcudart.so.13', 'libcudart.so.12'];

/**
 * By CUDA's runtime, for ONNX Runtime 1.30 knows no copy to or from CUDA. Throws an `Error` where the runtime does not
 * load.
 */
export function cudaCopy(): Copy {
  const memcpy = loadFirst(CUDA_RUNTIMES).func('int cudaMemcpy(void *, void *, size_t, int)');
  const data = new WeakMap<Tensor, bigint>();
  const addressOf = (tensor: Tensor) => {
    const known = data.get(tensor);
    if (known !== undefined) return known;
    const address = make('GetTensorMutableData', tensor.handle.pointer);
    data.set(tensor, address);
    return address;
  };
  return (from, to, bytes, direction) => {
    const status = memcpy(addressOf(to), addressOf(from), bytes, CUDA_DIRECTIONS[direction]);
    if (status !== 0) throw new Error(`cudaMemcpy: error ${status}`);
  };
}

function loadFirst(names: string[]): LibraryHandle {
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch {
      // Another release may be there.
    }
  }
  throw new Error(`${names.join(' or ')} could not be loaded.`);
}
