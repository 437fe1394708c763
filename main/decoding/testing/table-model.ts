import type { Model } from '../model';

/** A (token, position) pair that a model was fed. */
export type Fed = { token: number; position: number };

/**
 * A model whose logits are a fixed function of what its cache holds, so that a wrong rollback or a
 * wrong position changes what comes out. Records all it was fed, and refuses a gap.
 */
export class TableModel implements Model {
  readonly fed: Fed[] = [];
  /** What each call was fed. */
  readonly calls: number[][] = [];
  private cache: number[] = [];

  constructor(
    readonly vocabularySize: number,
    private readonly logitsBehind: (cache: readonly number[]) => readonly number[],
    readonly maxLength = 1_000,
  ) {}

  get length(): number {
    return this.cache.length;
  }

  /** Tokens whose positions are in use. */
  get held(): readonly number[] {
    return this.cache;
  }

  async forward(tokens: readonly number[]): Promise<Float32Array> {
    if (tokens.length === 0) throw new Error('A pass over no tokens.');
    if (this.cache.length + tokens.length > this.maxLength) throw new Error('The cache is full.');
    this.calls.push([...tokens]);
    const logits = new Float32Array(tokens.length * this.vocabularySize);
    tokens.forEach((token, i) => {
      this.fed.push({ token, position: this.cache.length });
      this.cache.push(token);
      logits.set(this.logitsBehind(this.cache), i * this.vocabularySize);
    });
    return logits;
  }

  rollback(length: number): void {
    this.cache = this.cache.slice(0, length);
  }
}

/**
 * Logits that depend on the last two tokens and the position, spread wide enough to differ. The
 * last token of the vocabulary, which tests use as end-of-speech, is made rare.
 */
export function hashedLogits(vocabularySize: number, salt: number) {
  return (cache: readonly number[]): number[] => {
    const last = cache[cache.length - 1] ?? 0;
    const before = cache[cache.length - 2] ?? 0;
    return Array.from({ length: vocabularySize }, (_, t) => {
      let h = (last * 73_856_093) ^ (before * 19_349_663) ^ (cache.length * 83_492_791);
      h = Math.imul(h ^ (t * 2_654_435_761) ^ salt, 2_246_822_507);
      h ^= h >>> 13;
      return ((h >>> 0) / 0xffff_ffff) * 4 - (t === vocabularySize - 1 ? 2.5 : 0);
    });
  };
}

/** Logits of fixed distributions, whatever the context. */
export function fixedLogits(p: readonly number[]) {
  const logits = p.map((mass) => (mass === 0 ? -1e9 : Math.log(mass)));
  return () => logits;
}
