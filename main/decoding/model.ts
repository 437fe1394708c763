/**
 * An autoregressive model with a cache of fixed size. Rolling back sets a length; what lies behind
 * it is overwritten by the next pass.
 */
export interface Model {
  readonly vocabularySize: number;
  /** Positions the cache holds. */
  readonly maxLength: number;
  /** Positions of the cache in use. */
  readonly length: number;
  /**
   * Feeds tokens at positions length … length + tokens.length − 1 and returns the logits behind
   * each of them, [tokens.length × vocabularySize]. The array may be reused by the next call.
   */
  forward(tokens: readonly number[]): Promise<Float32Array>;
  /** Forgets positions from `length` on; a length beyond the cache's own changes nothing. */
  rollback(length: number): void;
}
