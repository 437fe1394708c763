import type { Context } from './context';
import { drawFrom } from './distribution';
import type { HiddenStates, Model } from './model';
import type { Processor } from './processors';
import type { Uniform } from './random';

/** Up to K draft tokens and the distribution q that each was drawn from, [vocabulary]. */
export type Proposal = { tokens: readonly number[]; q: readonly Float32Array[] };

/** What became of a proposal. */
export type Outcome = {
  /** Tokens committed before the round, prompt included (n). */
  committedBefore: number;
  /** Draft tokens kept (j). */
  accepted: number;
};

/** A source of draft tokens: two verbs, and a count of its model calls. */
export interface Drafter {
  readonly calls: number;
  /**
   * Drafts at most `lookahead` tokens; stops after a drafted end-of-speech. First draws a uniform
   * number for each token that there is room for, needed or not: so one seed gives the same take
   * whether a drafter wants its numbers one by one or all at once.
   */
  propose(context: Context, lookahead: number, uniform: Uniform): Promise<Proposal>;
  observe(outcome: Outcome): void;
}

/** Tokens that a model can draft behind `committed` ones, up to `lookahead`. */
export function mostDrafts(model: Model, committed: number, lookahead: number): number {
  // The last draft token is never fed, so K drafts take K − 1 positions behind the context.
  return Math.min(lookahead, model.maxLength - committed + 1);
}

/**
 * Drafts with a small model, sampling: a greedy draft caps α at the target's top probability. A model that
 * reads features is told the target's hidden states up to where the target has been, and its own behind.
 */
export class SmallModelDrafter implements Drafter {
  private readonly rows: Float32Array[];
  private readonly numbers: Float64Array;
  private made = 0;

  constructor(
    private readonly model: Model,
    private readonly processor: Processor,
    private readonly endOfSpeech: number,
    mostLookahead: number,
    private readonly target?: Partial<HiddenStates>,
  ) {
    this.rows = Array.from(
      { length: mostLookahead },
      () => new Float32Array(processor.vocabularySize),
    );
    this.numbers = new Float64Array(mostLookahead);
    model.rollback(0);
  }

  get calls(): number {
    return this.made;
  }

  async propose(context: Context, lookahead: number, uniform: Uniform): Promise<Proposal> {
    const tokens: number[] = [];
    const committed = context.length;
    const most = mostDrafts(this.model, committed, lookahead);
    for (let i = 0; i < most; i++) this.numbers[i] = uniform();
    while (tokens.length < most) {
      // The first pass catches up with all that was committed; the others feed one draft token.
      const fed = context.from(this.model.length);
      const reads = tokens.length === 0 ? this.target : this.model;
      const logits = await this.model.forward(fed, reads);
      this.made++;
      const q = this.rows[tokens.length];
      this.processor.distribution(logits, fed.length - 1, context, q);
      const token = drawFrom(q, this.numbers[tokens.length]);
      tokens.push(token);
      if (token === this.endOfSpeech) break;
      context.push(token);
    }
    context.truncate(committed);
    return { tokens, q: this.rows };
  }

  observe({ committedBefore, accepted }: Outcome): void {
    this.model.rollback(committedBefore + accepted);
  }
}
