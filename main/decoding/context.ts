/**
 * The tokens of one decoding run: prompt, then committed (and, for a moment, drafted) acoustic
 * tokens. Counts what was said, for the repetition penalty.
 */
export class Context {
  private readonly ids: number[];
  private readonly counts = new Map<number, number>();
  readonly promptLength: number;

  constructor(prompt: readonly number[]) {
    this.ids = [...prompt];
    this.promptLength = prompt.length;
  }

  get length(): number {
    return this.ids.length;
  }

  push(token: number): void {
    this.ids.push(token);
    this.counts.set(token, (this.counts.get(token) ?? 0) + 1);
  }

  /** Takes back the newest tokens until `length` are left; the prompt stays. */
  truncate(length: number): void {
    while (this.ids.length > Math.max(length, this.promptLength)) {
      const token = this.ids.pop() as number;
      const count = (this.counts.get(token) as number) - 1;
      if (count === 0) this.counts.delete(token);
      else this.counts.set(token, count);
    }
  }

  /** Tokens from position `start` on. */
  from(start: number): number[] {
    return this.ids.slice(start);
  }

  /** The same, in place of what `out` holds. */
  copyFrom(start: number, out: number[]): void {
    out.length = 0;
    for (let i = start; i < this.ids.length; i++) out.push(this.ids[i]);
  }

  /** The distinct acoustic tokens said so far. The prompt's tokens are not speech. */
  said(): Iterable<number> {
    return this.counts.keys();
  }
}
