import { setImmediate } from 'node:timers/promises';

/** The event loop never waits for longer, in milliseconds. */
const SLICE_MS = 10;

/** Lets the event loop have its turn between steps of long work, once a slice of time is over. */
export class Slices {
  #since = performance.now();

  async rest(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
