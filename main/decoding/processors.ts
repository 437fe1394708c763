import type { Context } from './context';
import { argmax } from './distribution';
import { MostProbable } from './most-probable';
import { softmaxOfRow } from './row';

/** What is done to logits before sampling; target and draft must get the same. */
export type ProcessorSettings = {
  /** 0 is greedy: all mass on the largest logit. */
  temperature: number;
  /** Keeps the k most probable tokens; 0 keeps all. */
  topK: number;
  /** Keeps the smallest set of most probable tokens whose mass reaches this; 1 keeps all. */
  topP: number;
  /** Divides positive and multiplies negative logits of tokens already said; 1 does nothing. */
  repetitionPenalty: number;
};

/**
 * Turns one row of logits into the distribution that is sampled from. Order as in the field's
 * libraries: repetition penalty, temperature, top-k, top-p. Holds scratch space: one per run.
 */
export class Processor {
  private readonly penalised: Float32Array;
  private readonly order: Uint32Array;
  private readonly mostProbable: MostProbable;

  constructor(
    readonly settings: ProcessorSettings,
    readonly vocabularySize: number,
  ) {
    this.penalised = new Float32Array(vocabularySize);
    this.order = new Uint32Array(vocabularySize);
    this.mostProbable = new MostProbable(vocabularySize);
  }

  /**
   * `logits`: [rows × vocabulary], `row`: which of them, `out`: [vocabulary]. `context` ends just
   * before the token that the row predicts, drafted tokens included.
   */
  distribution(logits: Float32Array, row: number, context: Context, out: Float32Array): void {
    const start = row * this.vocabularySize;
    const penalise = this.settings.repetitionPenalty !== 1;
    const source = penalise ? this.penalise(logits, start, context) : logits;
    const offset = penalise ? 0 : start;
    if (this.settings.temperature === 0) {
      out.set(source.subarray(offset, offset + this.vocabularySize));
      const best = argmax(out);
      out.fill(0);
      out[best] = 1;
      return;
    }
    const { temperature, topK, topP } = this.settings;
    const p = softmaxOfRow(source, offset, this.vocabularySize, temperature);
    if ((topK > 0 && topK < out.length) || topP < 1) this.truncate(p, topK, topP, out);
    else out.set(p);
  }

  private penalise(logits: Float32Array, start: number, context: Context): Float32Array {
    const { penalised } = this;
    const { repetitionPenalty } = this.settings;
    penalised.set(logits.subarray(start, start + this.vocabularySize));
    for (const token of context.said()) {
      const logit = penalised[token];
      penalised[token] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    }
    return penalised;
  }

  private truncate(p: Float32Array, topK: number, topP: number, out: Float32Array): void {
    const { order } = this;
    // Tokens under this bound sum to less than 1 − topP, so the nucleus never needs them.
    const bound = (1 - topP) / p.length;
    const kept =
      topK > 0
        ? this.nucleusOfTop(topK, p, topP)
        : this.mostProbable.nucleus(p, bound, topP, order);
    let mass = 0;
    for (let i = 0; i < kept; i++) mass += p[order[i]];
    out.fill(0);
    for (let i = 0; i < kept; i++) out[order[i]] = p[order[i]] / mass;
  }

  /** How many tokens of `order` stay. A nucleus of the top k is measured by the mass of all k. */
  private nucleusOfTop(topK: number, p: Float32Array, topP: number): number {
    const { order, mostProbable } = this;
    mostProbable.begin(p, topK);
    const most = Math.min(topK, mostProbable.left);
    let eligible = 0;
    for (let i = 0; i < most; i++) {
      order[i] = mostProbable.take();
      eligible += p[order[i]];
    }
    let kept = 0;
    let mass = 0;
    while (kept < most) {
      mass += p[order[kept++]];
      if (topP < 1 && mass >= topP * eligible) break;
    }
    return kept;
  }
}
