const TICK_MS = 1000;

/**
 * Bites once when nothing was heard for so many seconds, up to one less. It counts ticks of its own
 * rather than the clock's time, so that a machine that slept, or an app that was stopped and goes on,
 * is no silence of the other's.
 */
export class Watchdog {
  private silent = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(seconds: number, bite: () => void) {
    this.timer = setInterval(() => {
      this.silent += 1;
      if (this.silent < seconds) return;
      this.stop();
      bite();
    }, TICK_MS);
  }

  heard(): void {
    this.silent = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
