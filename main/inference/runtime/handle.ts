import { type Kind, release } from './api';

/**
 * Something that the library made. It is used by its pointer, until it is given back: afterwards it throws in place of
 * handing out an address that the library no longer knows.
 */
export class Handle {
  private address: bigint | null;

  constructor(
    readonly kind: Kind,
    address: bigint,
  ) {
    this.address = address;
  }

  get pointer(): bigint {
    if (this.address === null) throw new Error(`This ${this.kind} was released.`);
    return this.address;
  }

  /** Gives it back. A second time does nothing. */
  release(): void {
    if (this.address === null) return;
    release(this.kind, this.address);
    this.address = null;
  }
}

/** The one owner of things that belong together: it gives them back at once, the latest first. */
export class Owner {
  private readonly held: { release(): void }[] = [];

  own<T extends { release(): void }>(thing: T): T {
    this.held.push(thing);
    return thing;
  }

  release(): void {
    for (;;) {
      const thing = this.held.pop();
      if (!thing) return;
      thing.release();
    }
  }
}
