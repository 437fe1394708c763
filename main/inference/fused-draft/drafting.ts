import type { DraftingChoice } from '../../../contract/engine';
import { toFailure } from '../../../contract/failure';
import { Context } from '../../decoding/context';
import { type Drafter, SmallModelDrafter } from '../../decoding/drafter';
import type { HiddenStates } from '../../decoding/model';
import { Processor, type ProcessorSettings } from '../../decoding/processors';
import { seededUniform } from '../../decoding/random';
import { klOfRow } from '../agreement';
import type { GraphModel } from '../graph-model';
import { passage, passageStates } from '../passage';
import { bytesForGpu } from '../session';
import { FusedDrafter } from './fused-drafter';
import type { FusedGraph } from './fused-graph';
import { type Sampling, samplingFor } from './sampling';

/** Rounds of a trial; the first ones compile what later ones reuse. */
const TRIAL_ROUNDS = 7;
const WARM_UP_ROUNDS = 2;
const TRIAL_LENGTH = 96;
/** Beyond this the fused graph does not compute what single steps do. */
const MOST_DIFFERENCE = { single: 1e-4, half: 5e-3 };

/**
 * How a pack's drafts are made: a round in one call, where that was tried here and found to give
 * the same tokens faster, else step by step.
 */
export class Drafting {
  private readonly graphs = new Map<number, FusedGraph>();
  private readonly made = new Map<number, DraftingChoice>();
  private sampling: Sampling | null = null;

  /** `endOfSpeech` ends a drafted round. `target`: whose hidden states a draft reads that reads features. */
  constructor(
    private readonly model: GraphModel,
    private readonly endOfSpeech: number,
    private readonly target?: Partial<HiddenStates>,
  ) {}

  /** What was chosen for each lookahead tried under the latest settings' processors. */
  get choices(): DraftingChoice[] {
    return [...this.made.values()];
  }

  /**
   * Tries one call a round of that lookahead under the settings' processors, unless it was tried
   * before: some 0.1 s each. Forgets what the draft's caches hold. At temperature 0 nothing is
   * tried, for the graph only samples.
   */
  async prepare(lookahead: number, settings: ProcessorSettings): Promise<void> {
    if (settings.temperature === 0) return;
    await this.expect(settings);
    if (this.made.has(lookahead)) return;
    this.made.set(lookahead, await this.choose(lookahead, settings));
  }

  /** A drafter for one run, of rounds of up to `mostLookahead`. */
  drafter(processor: Processor, mostLookahead: number): Drafter {
    const { model, endOfSpeech, target } = this;
    const { settings } = processor;
    const stepwise = new SmallModelDrafter(model, processor, endOfSpeech, mostLookahead, target);
    if (settings.temperature === 0 || !this.serves(settings)) return stepwise;
    const graphs = (lookahead: number) => this.graphs.get(lookahead) ?? null;
    return new FusedDrafter(model, graphs, stepwise, settings, endOfSpeech, target);
  }

  async release(): Promise<void> {
    await Promise.all([...this.graphs.values()].map((graph) => graph.release()));
    this.graphs.clear();
    this.made.clear();
  }

  /** Each graph holds the draft's weights, so those of other processors are let go. */
  private async expect(settings: ProcessorSettings): Promise<void> {
    if (this.serves(settings)) return;
    await this.release();
    const arithmetic = this.model.device === 'cpu' ? 'DOUBLE' : 'FLOAT';
    this.sampling = { ...samplingFor(settings, this.model.vocabularySize), arithmetic };
  }

  private serves(settings: ProcessorSettings): boolean {
    const { candidates, penalises } = samplingFor(settings, this.model.vocabularySize);
    return this.sampling?.candidates === candidates && this.sampling.penalises === penalises;
  }

  private async choose(lookahead: number, settings: ProcessorSettings): Promise<DraftingChoice> {
    const stepByStep = { lookahead, fused: false, fusedMs: null, stepwiseMs: null };
    const { givesRows } = this.model;
    const plan = { lookahead, givesRows, ...(this.sampling as Sampling) };
    let graph: FusedGraph | null = null;
    try {
      // The library that reads graphs is large, and not needed to load a pack.
      const { FusedGraph } = await import('./fused-graph');
      const { graph: draft, gpu } = this.model;
      const source = await bytesForGpu(draft, gpu);
      graph = await FusedGraph.open(source, this.model, plan);
      const times = await tryOut(this.model, graph, settings);
      const fused = times.fusedMs < times.stepwiseMs;
      if (fused) this.graphs.set(lookahead, graph);
      else await graph.release();
      return { lookahead, fused, ...times, objection: null };
    } catch (error) {
      await graph?.release();
      return { ...stepByStep, objection: toFailure(error).message.split('\n')[0] };
    } finally {
      this.model.rollback(0);
    }
  }
}

/**
 * Both ways of drafting a round, in turn; the fastest of each counts, for whatever else runs on the
 * machine only slows them. Throws an `Error` where they differ in a token, in q or in what they leave
 * in the caches.
 */
async function tryOut(
  model: GraphModel,
  graph: FusedGraph,
  settings: ProcessorSettings,
): Promise<{ fusedMs: number; stepwiseMs: number }> {
  const { lookahead } = graph.plan;
  const size = model.vocabularySize;
  const processor = new Processor(settings, size);
  // No token ends the trial's rounds early.
  const reads = passageStates(model.featureWidth);
  const stepwise = new SmallModelDrafter(model, processor, -1, lookahead, reads);
  const fused = new FusedDrafter(model, () => graph, stepwise, settings, -1, reads);
  const length = Math.min(TRIAL_LENGTH, model.maxLength - lookahead);
  const said = passage(length, size);
  const context = new Context(said.slice(0, 1));
  for (const token of said.slice(1)) context.push(token);
  await model.forward(said, reads);

  const times = { stepwise: [] as number[], fused: [] as number[] };
  for (let round = 0; round < TRIAL_ROUNDS; round++) {
    const draft = async (drafter: Drafter, into: number[]) => {
      // As after a full acceptance and as after a rejection.
      model.rollback(length - 1 - (round % 2));
      const uniform = seededUniform(round);
      const start = performance.now();
      const { tokens, q } = await drafter.propose(context, lookahead, uniform);
      if (round >= WARM_UP_ROUNDS) into.push(performance.now() - start);
      const rows = q.slice(0, tokens.length).map((row) => row.slice());
      const behind = (await model.forward(tokens.slice(-1), reads)).slice();
      return { tokens, rows, behind };
    };
    const expected = await draft(stepwise, times.stepwise);
    const given = await draft(fused, times.fused);
    if (given.tokens.join() !== expected.tokens.join()) {
      throw new Error('One call drafts other tokens than single steps.');
    }
    const most = Math.max(...given.rows.map((row, i) => largestDifference(row, expected.rows[i])));
    const apart = klOfRow(expected.behind, given.behind, 0, size);
    const allowed = MOST_DIFFERENCE[model.gpu.half ? 'half' : 'single'];
    if (!(most <= allowed && apart <= allowed)) {
      throw new Error('One call does not compute what single steps do.');
    }
  }
  return { fusedMs: Math.min(...times.fused), stepwiseMs: Math.min(...times.stepwise) };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

/** A choice in one sentence. */
export function sentenceOf(choice: DraftingChoice): string {
  const { lookahead, fused, fusedMs, stepwiseMs, objection } = choice;
  const drafts = lookahead === 1 ? 'A draft of one token is' : `Drafts of ${lookahead} tokens are`;
  if (fusedMs === null || stepwiseMs === null)
    return `${drafts} made step by step, for one call is not to be had. ${objection}`;
  const [own, other] = fused ? [fusedMs, stepwiseMs] : [stepwiseMs, fusedMs];
  const [way, otherWay] = fused ? ['in one call', 'step by step'] : ['step by step', 'one call'];
  return `${drafts} made ${way}, in ${own.toFixed(1)} ms; ${otherWay} takes ${other.toFixed(1)} ms.`;
}
