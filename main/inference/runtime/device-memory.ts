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
  /**
   * Copies the first rows of caches [1, heads, length, width] into others of another length, each to the one in its
   * place. Throws an `Error` where the device has no way to.
   */
  moveRows(from: readonly Tensor[], to: readonly Tensor[], rows: number): void;
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

  moveRows(_from: readonly Tensor[], _to: readonly Tensor[], _rows: number): void {
    throw new Error('Caches of this device have one length.');
  }

  release(): void {
    this.owner.release();
  }
}

type Direction = 'toDevice' | 'toHost';

/** What a device's own ways to hold and to copy tensors are. */
export type DeviceWays = {
  /** ONNX Runtime's name of the memory, such as `Cuda`. */
  name: string;
  /** A tensor in the device's memory, whose numbers are not set. */
  tensor: (type: NumberType, shape: readonly number[], memory: AllocatorOf) => Tensor;
  /** Each of `from` to that of `to` in the same place. */
  copy: (from: readonly Tensor[], to: readonly Tensor[], direction: Direction) => void;
  /** The same of the first rows of caches [1, heads, length, width]. */
  copyRows: (from: readonly Tensor[], to: readonly Tensor[], rows: number) => void;
};

/** A session's parts for a device's memory, by their pointers. */
type AllocatorOf = { info: bigint; allocator: bigint };

/** Memory of a device. */
export class GpuMemory implements DeviceMemory {
  private readonly owner = new Owner();
  private readonly parts: AllocatorOf;

  /** Throws an `Error` for a session whose device has no memory of that name. */
  constructor(
    session: Session,
    private readonly ways: DeviceWays,
  ) {
    const named = make('CreateMemoryInfo', ways.name, ARENA, 0, 0);
    const info = this.owner.own(new Handle('MemoryInfo', named)).pointer;
    const made = make('CreateAllocator', session.handle.pointer, info);
    this.parts = { info, allocator: this.owner.own(new Handle('Allocator', made)).pointer };
  }

  tensor(type: NumberType, shape: readonly number[], owner = this.owner): Tensor {
    return owner.own(this.ways.tensor(type, shape, this.parts));
  }

  mirror<T extends NumberType>(type: T, shape: readonly number[], owner = this.owner): Mirror<T> {
    const host = owner.own(new CpuTensor(type, shape));
    return { host, device: this.tensor(type, shape, owner) };
  }

  send(mirrors: readonly Mirror[]): void {
    this.ways.copy(mirrors.map(hostOf), mirrors.map(deviceOf), 'toDevice');
  }

  fetch(mirrors: readonly Mirror[]): void {
    this.ways.copy(mirrors.map(deviceOf), mirrors.map(hostOf), 'toHost');
  }

  moveRows(from: readonly Tensor[], to: readonly Tensor[], rows: number): void {
    this.ways.copyRows(from, to, rows);
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

/** WebGPU's, by ONNX Runtime itself, which copies whole tensors alone. */
export const webgpuWays: DeviceWays = {
  name: 'WebGPU_Buffer',
  tensor: (type, shape, { allocator }) => {
    const sides = sidesOf(shape);
    const pointer = make('CreateTensorAsOrtValue', allocator, sides, shape.length, codeOf(type));
    const handle = new Handle('Value', pointer);
    return { handle, type, shape, release: () => handle.release() };
  },
  copy: (from, to) => {
    call('CopyTensors', environment(), pointersOf(from), pointersOf(to), null, from.length);
  },
  copyRows: () => {
    throw new Error('Caches of this device have one length.');
  },
};

/** `cudaMemcpy`’s numbers of the directions. */
const CUDA_DIRECTIONS: Record<Direction, number> = { toDevice: 1, toHost: 2 };
const WITHIN_DEVICE = 3;
const CUDA_RUNTIMES =
  process.platform === 'win32'
    ? ['cudart64_13.dll', 'cudart64_12.dll']
    : ['libcudart.so.13', 'libcudart.so.12'];

/**
 * CUDA's, by its own runtime: ONNX Runtime 1.30 knows no copy to or from CUDA, and what it allocates may lie where a
 * captured graph puts what it makes on its way. Throws an `Error` where the runtime does not load.
 */
export function cudaWays(): DeviceWays {
  const runtime = loadFirst(CUDA_RUNTIMES);
  const malloc = runtime.func('int cudaMalloc(void *, size_t)');
  const free = runtime.func('int cudaFree(void *)');
  const memcpy = runtime.func('int cudaMemcpy(void *, void *, size_t, int)');
  const memcpy2d = runtime.func(
    'int cudaMemcpy2D(void *, size_t, void *, size_t, size_t, size_t, int)',
  );
  const check = (status: number) => {
    if (status !== 0) throw new Error(`CUDA’s memory could not be used: error ${status}`);
  };
  const addresses = new WeakMap<Tensor, bigint>();
  const addressOf = (tensor: Tensor) => {
    let address = addresses.get(tensor);
    if (address === undefined) {
      address = make('GetTensorMutableData', tensor.handle.pointer);
      addresses.set(tensor, address);
    }
    return address;
  };
  return {
    name: 'Cuda',
    tensor: (type, shape, { info }) => {
      const bytes = countOf(shape) * bytesOf(type);
      const made = new BigUint64Array(1);
      check(malloc(made, bytes));
      const [address] = made;
      const sides = sidesOf(shape);
      const handle = new Handle(
        'Value',
        make(
          'CreateTensorWithDataAsOrtValue',
          info,
          address,
          bytes,
          sides,
          shape.length,
          codeOf(type),
        ),
      );
      let isHeld = true;
      const release = () => {
        handle.release();
        if (isHeld) free(address);
        isHeld = false;
      };
      return { handle, type, shape, release };
    },
    copy: (from, to, direction) => {
      for (const [i, tensor] of from.entries()) {
        const bytes = countOf(tensor.shape) * bytesOf(tensor.type);
        check(memcpy(addressOf(to[i]), addressOf(tensor), bytes, CUDA_DIRECTIONS[direction]));
      }
    },
    copyRows: (from, to, rows) => {
      for (const [i, source] of from.entries()) {
        const target = to[i];
        const [, heads, length, width] = source.shape;
        const row = width * bytesOf(source.type);
        const [every, everyOther] = [length * row, target.shape[2] * row];
        const way = WITHIN_DEVICE;
        check(
          memcpy2d(addressOf(target), everyOther, addressOf(source), every, rows * row, heads, way),
        );
      }
    },
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
