import { Owner } from './handle';
import { CpuTensor, type NumberType, type Tensor } from './tensor';

/** Numbers that this process reads or writes, and the tensor by which the device reads or writes them. */
export type Mirror<T extends NumberType = NumberType> = {
  readonly host: CpuTensor<T>;
  readonly device: Tensor;
};

/** Memory in which a session's device keeps what it reads and writes. Owns what it makes for no other owner. */
export interface DeviceMemory {
  /** Room for numbers that only the device reads and writes. */
  tensor(type: NumberType, shape: readonly number[], owner?: Owner): Tensor;
  mirror<T extends NumberType>(type: T, shape: readonly number[], owner?: Owner): Mirror<T>;
  /** The same for numbers that a pass reads again and again. */
  mirrorReadOften<T extends NumberType>(type: T, shape: readonly number[]): Mirror<T>;
  /** Has the device see what this process wrote. */
  send(mirrors: readonly Mirror[]): void;
  /** Has this process see what the device wrote. */
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

  mirrorReadOften<T extends NumberType>(type: T, shape: readonly number[]): Mirror<T> {
    return this.mirror(type, shape);
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
