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
};

/** Memory in which a session's device keeps what it reads and writes. Owns what it makes for no other owner. */
export interface DeviceMemory {
  /** Room for numbers that only the device reads and writes. */
  tensor(type: NumberType, shape: readonly number[], owner?: Owner): Tensor;
  mirror<T extends NumberType>(type: T, shape: readonly number[], owner?: Owner): Mirror<T>;
  /** Copies what this process wrote to the device, several at once: each call waits for the device. */
  send(mirrors: readonly Mirror[]): void;
  /** Copies what the device wrote to this process. */
  fetch(mirrors: readonly Mirror[]): void;
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
    return { host, device: host };
  }

  send(): void {}

  fetch(): void {}

  release(): void {
    this.owner.release();
  }
}

/** How tensors get to a device and back: each of `from` to that of `to` in the same place. */
type Copy = (from: readonly Tensor[], to: readonly Tensor[], direction: Direction) => void;
type Direction = 'toDevice' | 'toHost';

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
    const handle = owner.own(
      new Handle(
        'Value',
        make('CreateTensorAsOrtValue', this.allocator, sides, shape.length, codeOf(type)),
      ),
    );
    return { handle, type, shape, release: () => handle.release() };
  }

  mirror<T extends NumberType>(type: T, shape: readonly number[], owner = this.owner): Mirror<T> {
    const host = owner.own(new CpuTensor(type, shape));
    return { host, device: this.tensor(type, shape, owner) };
  }

  send(mirrors: readonly Mirror[]): void {
    this.copy(mirrors.map(hostOf), mirrors.map(deviceOf), 'toDevice');
  }

  fetch(mirrors: readonly Mirror[]): void {
    this.copy(mirrors.map(deviceOf), mirrors.map(hostOf), 'toHost');
  }

  release(): void {
    this.owner.release();
  }
}

const ARENA = 1;

const hostOf = ({ host }: Mirror): Tensor => host;
const deviceOf = ({ device }: Mirror): Tensor => device;
const pointersOf = (tensors: readonly Tensor[]) =>
  BigUint64Array.from(tensors, ({ handle }) => handle.pointer);

/** By ONNX Runtime itself. */
export const copyTensors: Copy = (from, to) => {
  call('CopyTensors', environment(), pointersOf(from), pointersOf(to), null, from.length);
};

/** `cudaMemcpy`’s numbers of the two directions. */
const CUDA_DIRECTIONS: Record<Direction, number> = { toDevice: 1, toHost: 2 };
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
  const known = new WeakMap<Tensor, bigint>();
  const addressOf = (tensor: Tensor) => {
    let address = known.get(tensor);
    if (address === undefined) {
      address = make('GetTensorMutableData', tensor.handle.pointer);
      known.set(tensor, address);
    }
    return address;
  };
  return (from, to, direction) => {
    for (const [i, tensor] of from.entries()) {
      const bytes = countOf(tensor.shape) * bytesOf(tensor.type);
      const way = CUDA_DIRECTIONS[direction];
      const status = memcpy(addressOf(to[i]), addressOf(tensor), bytes, way);
      if (status !== 0) throw new Error(`cudaMemcpy: error ${status}`);
    }
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
