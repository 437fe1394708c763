/** So many deaths within the window, and nobody restarts the process unasked. */
const MOST = 3;
const WINDOW_MS = 5 * 60_000;

/** What a process that died so often is told of with. */
export const TOO_MANY_DEATHS = `The engine stopped ${MOST} times within five minutes: restart it to go on.`;

/** When a process died, and so whether it is started again unasked. */
export class Deaths {
  private moments: number[] = [];

  /** Counts a death. Returns whether the process may be started again at once. */
  count(now = Date.now()): boolean {
    this.moments = [...this.moments.filter((at) => now - at < WINDOW_MS), now];
    return this.moments.length < MOST;
  }

  /** The user asked for another start. */
  forget(): void {
    this.moments = [];
  }
}
