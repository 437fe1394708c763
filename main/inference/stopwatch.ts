/** Adds up the time that work takes, in milliseconds. */
export class Stopwatch {
  ms = 0;

  time<T>(work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.ms += performance.now() - start;
    }
  }
}
