import { call, make } from './api';
import type { DeviceMemory, Mirror } from './device-memory';
import { environment } from './environment';
import { Handle, Owner } from './handle';
import type { Session } from './session';
import { ARENA, CpuTensor, codeOf, type NumberType, sidesOf, type Tensor } from './tensor';

/** Memory of a session's GPU by WebGPU. ONNX Runtime itself allocates it, and copies whole tensors. */
export class WebgpuMemory implements DeviceMemory {
  private readonly owner = new Owner();
  private readonly allocator: bigint;

  /** Throws an `Error` for a session that does not run on WebGPU. */
  constructor(session: Session) {
    const named = make('CreateMemoryInfo', 'WebGPU_Buffer', ARENA, 0, 0);
    const info = this.owner.own(new Handle('MemoryInfo', named)).pointer;
    const made = make('CreateAllocator', session.handle.pointer, info);
    this.allocator = this.owner.own(new Handle('Allocator', made)).pointer;
  }

  tensor(type: NumberType, shape: readonly number[], owner = this.owner): Tensor {
    const sides = sidesOf(shape);
    const code = codeOf(type);
    const made = make('CreateTensorAsOrtValue', this.allocator, sides, shape.length, code);
    const handle = owner.own(new Handle('Value', made));
    return { handle, type, shape, release: () => handle.release() };
  }

  mirror<T extends NumberType>(type: T, shape: readonly number[], owner = this.owner): Mirror<T> {
    const host = owner.own(new CpuTensor(type, shape));
    return { host, device: this.tensor(type, shape, owner) };
  }

  mirrorReadOften<T extends NumberType>(type: T, shape: readonly number[]): Mirror<T> {
    return this.mirror(type, shape);
  }

  send(mirrors: readonly Mirror[]): void {
    copy(mirrors.map(hostOf), mirrors.map(deviceOf));
  }

  fetch(mirrors: readonly Mirror[]): void {
    copy(mirrors.map(deviceOf), mirrors.map(hostOf));
  }

  moveRows(): void {
    throw new Error('Caches of this device have one length.');
  }

  release(): void {
    this.owner.release();
  }
}

const hostOf = ({ host }: Mirror): Tensor => host;
const deviceOf = ({ device }: Mirror): Tensor => device;
const pointersOf = (tensors: readonly Tensor[]) =>
  BigUint64Array.from(tensors, ({ handle }) => handle.pointer);

/** Several at once, for each call waits for the device. */
function copy(from: readonly Tensor[], to: readonly Tensor[]): void {
  call('CopyTensors', environment(), pointersOf(from), pointersOf(to), null, from.length);
}
