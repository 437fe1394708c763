import koffi, { type LibraryHandle } from 'koffi';
import { make } from './api';
import type { DeviceMemory, Mirror } from './device-memory';
import { Handle, Owner } from './handle';
import {
  ARENA,
  bytesOf,
  CpuTensor,
  codeOf,
  countOf,
  type Numbers,
  type NumberType,
  sidesOf,
  type Tensor,
} from './tensor';

const RUNTIMES =
  process.platform === 'win32'
    ? ['cudart64_13.dll', 'cudart64_12.dll']
    : ['libcudart.so.13', 'libcudart.so.12'];

/** Memory of this process that is registered may share no page with other memory. */
const PAGE = 4096;
/** `cudaHostRegister`’s flag for memory that the GPU may reach. */
const MAPPED = 2;
/** `cudaMemcpy`’s numbers of directions. */
const TO_DEVICE = 1;
const WITHIN_DEVICE = 3;

/** A tensor that the GPU reads and writes, at an address of its own. */
type CudaTensor = Tensor & { readonly address: bigint };

/**
 * Memory of a session's GPU by CUDA. CUDA's own runtime allocates it: ONNX Runtime 1.30 copies nothing to or from CUDA,
 * and what it allocates may lie where a captured graph puts what it makes on its way. What this process reads or writes
 * stays in its own memory, which is mapped for the GPU: three copies of a few numbers take a third of a draft's pass.
 */
export class CudaMemory implements DeviceMemory {
  private readonly owner = new Owner();
  private readonly info: bigint;
  private readonly cuda = cudaRuntime();
  /** Mirrors of which the device has a copy, and where. */
  private readonly copies = new Map<Mirror, bigint>();

  /** Throws an `Error` where CUDA's runtime does not load. */
  constructor() {
    const named = make('CreateMemoryInfo', 'Cuda', ARENA, 0, 0);
    this.info = this.owner.own(new Handle('MemoryInfo', named)).pointer;
  }

  tensor(type: NumberType, shape: readonly number[], owner = this.owner): CudaTensor {
    const address = this.cuda.allocate(countOf(shape) * bytesOf(type));
    owner.own({ release: () => this.cuda.free(address) });
    return this.tensorAt(address, type, shape, owner);
  }

  mirror<T extends NumberType>(type: T, shape: readonly number[], owner = this.owner): Mirror<T> {
    const bytes = Math.ceil((countOf(shape) * bytesOf(type)) / PAGE) * PAGE;
    const memory = new ArrayBuffer(bytes + PAGE);
    const offset = (PAGE - Number(koffi.address(memory) % BigInt(PAGE))) % PAGE;
    const page = new Uint8Array(memory, offset, bytes);
    const host = owner.own(new CpuTensor(type, shape, page));
    const address = this.cuda.map(page);
    owner.own({ release: () => this.cuda.unmap(page) });
    return { host, device: this.tensorAt(address, type, shape, owner) };
  }

  /** As copies: every read of this process's memory crosses the bus. */
  mirrorReadOften<T extends NumberType>(type: T, shape: readonly number[]): Mirror<T> {
    const host = this.owner.own(new CpuTensor(type, shape));
    const device = this.tensor(type, shape);
    const mirror = { host, device };
    this.copies.set(mirror, device.address);
    return mirror;
  }

  send(mirrors: readonly Mirror[]): void {
    for (const mirror of mirrors) {
      const address = this.copies.get(mirror);
      if (address !== undefined) this.cuda.copyTo(address, mirror.host.data);
    }
  }

  fetch(): void {}

  moveRows(from: readonly CudaTensor[], to: readonly CudaTensor[], rows: number): void {
    for (const [i, source] of from.entries()) {
      const target = to[i];
      const [, heads, length, width] = source.shape;
      const row = width * bytesOf(source.type);
      this.cuda.copyRows(
        { address: target.address, every: target.shape[2] * row },
        { address: source.address, every: length * row },
        rows * row,
        heads,
      );
    }
  }

  release(): void {
    this.owner.release();
  }

  private tensorAt(
    address: bigint,
    type: NumberType,
    shape: readonly number[],
    owner: Owner,
  ): CudaTensor {
    const made = make(
      'CreateTensorWithDataAsOrtValue',
      this.info,
      address,
      countOf(shape) * bytesOf(type),
      sidesOf(shape),
      shape.length,
      codeOf(type),
    );
    const handle = owner.own(new Handle('Value', made));
    return { handle, type, shape, address, release: () => handle.release() };
  }
}

/** Every so many bytes from an address on. */
type Rows = { address: bigint; every: number };

/** What is used of CUDA's runtime. Throws an `Error` where it does not load, and each call one where it fails. */
function cudaRuntime() {
  const runtime = loadFirst(RUNTIMES);
  const malloc = runtime.func('int cudaMalloc(void *, size_t)');
  const free = runtime.func('int cudaFree(void *)');
  const register = runtime.func('int cudaHostRegister(void *, size_t, unsigned int)');
  const unregister = runtime.func('int cudaHostUnregister(void *)');
  const devicePointer = runtime.func('int cudaHostGetDevicePointer(void *, void *, unsigned int)');
  const memcpy = runtime.func('int cudaMemcpy(void *, void *, size_t, int)');
  const memcpy2d = runtime.func(
    'int cudaMemcpy2D(void *, size_t, void *, size_t, size_t, size_t, int)',
  );
  const check = (status: number) => {
    if (status !== 0) throw new Error(`CUDA’s memory could not be used: error ${status}`);
  };
  const address = new BigUint64Array(1);
  return {
    allocate: (bytes: number): bigint => {
      check(malloc(address, bytes));
      return address[0];
    },
    free: (at: bigint) => void free(at),
    /** Has the GPU read and write pages of this process; returns where it sees them. */
    map: (pages: Uint8Array): bigint => {
      check(register(pages, pages.byteLength, MAPPED));
      check(devicePointer(address, pages, 0));
      return address[0];
    },
    unmap: (pages: Uint8Array) => void unregister(pages),
    copyTo: (to: bigint, numbers: Numbers) =>
      check(memcpy(to, numbers, numbers.byteLength, TO_DEVICE)),
    /** The first `bytes` of each of so many rows. */
    copyRows: (to: Rows, from: Rows, bytes: number, rows: number) =>
      check(memcpy2d(to.address, to.every, from.address, from.every, bytes, rows, WITHIN_DEVICE)),
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
