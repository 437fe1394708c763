/** What a model's head makes logits of. */
export interface HiddenStates {
  /** Of a position in the cache, [width]. Valid until the next pass. */
  hidden(position: number): Float32Array;
}

/**
 * An autoregressive model with a cache of fixed size. Rolling back sets a length; what lies behind
 * it is overwritten by the next pass. A target may give its hidden states, and a draft may read them.
 */
export interface Model extends Partial<HiddenStates> {
  readonly vocabularySize: number;
  /** Positions the cache holds. */
  readonly maxLength: number;
  /** Numbers of the features that it reads at each position; none for a model of tokens alone. */
  readonly featureWidth?: number;
  /** Positions of the cache in use. */
  readonly length: number;
  /**
   * Feeds tokens at positions length … length + tokens.length − 1 and returns the logits behind
   * each of them, [tokens.length × vocabularySize]. The array may be reused by the next call.
   * A model that reads features takes them from `reads`: at each position the hidden state of the position
   * before, which its token was drawn from (EAGLE, arXiv 2401.15077); zeros without.
   */
  forward(tokens: readonly number[], reads?: Partial<HiddenStates>): Promise<Float32Array>;
  /** Forgets positions from `length` on; a length beyond the cache's own changes nothing. */
  rollback(length: number): void;
}
