import type { Context } from './context';
import { drawFrom } from './distribution';
import type { Model } from './model';
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
  /** Drafts at most `lookahead` tokens; stops after a drafted end-of-speech. */
  propose(context: Context, lookahead: number, uniform: Uniform): Promise<Proposal>;
  observe(outcome: Outcome): void;
}

/** Drafts with a small model, sampling: a greedy draft caps α at the target's top probability. */
export class SmallModelDrafter implements Drafter {
  private readonly rows: Float32Array[];
  private made = 0;

  constructor(
    private readonly model: Model,
    private readonly processor: Processor,
    private readonly endOfSpeech: number,
    mostLookahead: number,
  ) {
    this.rows = Array.from(
      { length: mostLookahead },
      () => new Float32Array(processor.vocabularySize),
    );
    model.rollback(0);
  }

  get calls(): number {
    return this.made;
  }

  async propose(context: Context, lookahead: number, uniform: Uniform): Promise<Proposal> {
    const tokens: number[] = [];
    const committed = context.length;
    // The last draft token is never fed, so K drafts take K − 1 positions behind the context.
    const most = Math.min(lookahead, this.model.maxLength - committed + 1);
    while (tokens.length < most) {
      // The first pass catches up with all that was committed; the others feed one draft token.
      const fed = context.from(this.model.length);
      const logits = await this.model.forward(fed);
      this.made++;
      const q = this.rows[tokens.length];
      this.processor.distribution(logits, fed.length - 1, context, q);
      const token = drawFrom(q, uniform());
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
