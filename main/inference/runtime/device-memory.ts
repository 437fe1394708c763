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

/** How tensors get to a device, back and about it: each of `from` to that of `to` in the same place. */
type Copies = {
  whole: (from: readonly Tensor[], to: readonly Tensor[], direction: Direction) => void;
  rows: (from: readonly Tensor[], to: readonly Tensor[], rows: number) => void;
};

/** Memory of a device, of which ONNX Runtime gives the parts. */
export class GpuMemory implements DeviceMemory {
  private readonly owner = new Owner();
  private readonly allocator: bigint;

  /** `name`: ONNX Runtime's, such as `Cuda`. Throws an `Error` for a device without memory of that name. */
  constructor(
    session: Session,
    name: string,
    private readonly copies: Copies,
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
    this.copies.whole(mirrors.map(hostOf), mirrors.map(deviceOf), 'toDevice');
  }

  fetch(mirrors: readonly Mirror[]): void {
    this.copies.whole(mirrors.map(deviceOf), mirrors.map(hostOf), 'toHost');
  }

  moveRows(from: readonly Tensor[], to: readonly Tensor[], rows: number): void {
    this.copies.rows(from, to, rows);
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

/** By ONNX Runtime itself, which copies whole tensors alone. */
export const onnxRuntimeCopies: Copies = {
  whole: (from, to) => {
    call('CopyTensors', environment(), pointersOf(from), pointersOf(to), null, from.length);
  },
  rows: () => {
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
 * By CUDA's runtime, for ONNX Runtime 1.30 knows no copy to or from CUDA. Throws an `Error` where the runtime does not
 * load.
 */
export function cudaCopies(): Copies {
  const runtime = loadFirst(CUDA_RUNTIMES);
  const memcpy = runtime.func('int cudaMemcpy(void *, void *, size_t, int)');
  const memcpy2d = runtime.func(
    'int cudaMemcpy2D(void *, size_t, void *, size_t, size_t, size_t, int)',
  );
  const known = new WeakMap<Tensor, bigint>();
  const addressOf = (tensor: Tensor) => {
    let address = known.get(tensor);
    if (address === undefined) {
      address = make('GetTensorMutableData', tensor.handle.pointer);
      known.set(tensor, address);
    }
    return address;
  };
  const check = (status: number) => {
    if (status !== 0) throw new Error(`CUDA could not copy: error ${status}`);
  };
  return {
    whole: (from, to, direction) => {
      for (const [i, tensor] of from.entries()) {
        const bytes = countOf(tensor.shape) * bytesOf(tensor.type);
        check(memcpy(addressOf(to[i]), addressOf(tensor), bytes, CUDA_DIRECTIONS[direction]));
      }
    },
    rows: (from, to, rows) => {
      for (const [i, source] of from.entries()) {
        const target = to[i];
        const [, heads, length, width] = source.shape;
        const row = width * bytesOf(source.type);
        const [every, everyOf] = [length * row, target.shape[2] * row];
        check(
          memcpy2d(
            addressOf(target),
            everyOf,
            addressOf(source),
            every,
            rows * row,
            heads,
            WITHIN_DEVICE,
          ),
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
