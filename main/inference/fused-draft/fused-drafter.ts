import type { Context } from '../../decoding/context';
import {
  type Drafter,
  mostDrafts,
  type Outcome,
  type Proposal,
  type SmallModelDrafter,
} from '../../decoding/drafter';
import type { HiddenStates } from '../../decoding/model';
import type { ProcessorSettings } from '../../decoding/processors';
import type { Uniform } from '../../decoding/random';
import type { GraphModel } from '../graph-model';
import type { FusedGraph } from './fused-graph';

/** The graph that drafts so many tokens, or null for step by step. */
export type FusedGraphs = (lookahead: number) => FusedGraph | null;

/**
 * Drafts a whole round in one call where there is a graph for it, and step by step where there is
 * none, at the end of the cache and where a nucleus is larger than the graph can tell. Gives what `stepwise`
 * gives under the same numbers.
 */
export class FusedDrafter implements Drafter {
  private runs = 0;

  /** `stepwise` drafts with the same model, under the same settings and behind the same `target`. */
  constructor(
    private readonly model: GraphModel,
    private readonly graphs: FusedGraphs,
    private readonly stepwise: SmallModelDrafter,
    private readonly settings: ProcessorSettings,
    private readonly endOfSpeech: number,
    private readonly target?: Partial<HiddenStates>,
  ) {}

  get calls(): number {
    return this.runs + this.stepwise.calls;
  }

  async propose(context: Context, lookahead: number, uniform: Uniform): Promise<Proposal> {
    const { model } = this;
    const committed = context.length;
    const graph = this.graphs(mostDrafts(model, committed, lookahead));
    if (!graph) return this.stepwise.propose(context, lookahead, uniform);
    const numbers = Array.from(graph.uniform, uniform);
    graph.uniform.set(numbers);
    if (graph.said) {
      graph.said.fill(0);
      for (const token of context.said()) graph.said[token] = 1;
    }
    const held = model.length;
    await graph.run(context.from(held), this.settings, this.target);
    this.runs++;
    const tokens = Array.from(graph.tokens);
    const end = tokens.indexOf(this.endOfSpeech);
    // The graph cannot stop: what it drafted behind the end of speech is forgotten.
    if (end >= 0) tokens.length = end + 1;
    if (!graph.holds(tokens.length)) {
      model.rollback(held);
      let drawn = 0;
      return this.stepwise.propose(context, lookahead, () => numbers[drawn++]);
    }
    model.rollback(committed + tokens.length - 1);
    return { tokens, q: graph.q };
  }

  observe(outcome: Outcome): void {
    this.stepwise.observe(outcome);
  }
}
