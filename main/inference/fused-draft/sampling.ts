import type { ProcessorSettings } from '../../decoding/processors';
import type { ElementType, GraphWriter } from '../graph-writer';

/** What of the processors a graph does; what it leaves out costs nothing. */
export type Sampling = {
  /**
   * For top-k and top-p: how many of the most probable tokens are put into order, enough for any
   * top-k but not for every nucleus. 0 does without both.
   */
  candidates: number;
  penalises: boolean;
  /** Of the sampling alone. GPUs have FLOAT only; DOUBLE repeats the script's numbers. */
  arithmetic: 'FLOAT' | 'DOUBLE';
};

/** Graph inputs that hold the settings, each [1], so that one graph serves every value. */
export const SETTING_INPUTS = {
  inverseTemperature: 'sampling.inverse_temperature',
  /** Index, by falling probability, of the last token that top-k leaves. */
  lastOfTopK: 'sampling.last_of_top_k',
  /** The nucleus must reach shareOfTopK × (mass of the top k) + shareOfAll. */
  shareOfTopK: 'sampling.share_of_top_k',
  shareOfAll: 'sampling.share_of_all',
  repetitionPenalty: 'sampling.repetition_penalty',
} as const;

export type SettingValues = Record<keyof typeof SETTING_INPUTS, number>;

/** Nuclei are hardly ever larger, and to sort a whole vocabulary takes as long as a draft step. */
const NUCLEUS_CANDIDATES = 1024;

/** Which processors the settings call for. */
export function samplingFor(
  { topK, topP, repetitionPenalty }: ProcessorSettings,
  vocabularySize: number,
): Omit<Sampling, 'arithmetic'> {
  const truncates = (topK > 0 && topK < vocabularySize) || topP < 1;
  // By powers of two, so that one graph serves many a top-k.
  const wanted = topK > 0 ? 2 ** Math.ceil(Math.log2(topK)) : NUCLEUS_CANDIDATES;
  return {
    candidates: truncates ? Math.min(wanted, vocabularySize) : 0,
    penalises: repetitionPenalty !== 1,
  };
}

/** What a graph of that sampling is fed for settings. Temperature 0 has no place in it. */
export function settingValues(
  { temperature, topK, topP, repetitionPenalty }: ProcessorSettings,
  { candidates }: Sampling,
): SettingValues {
  // A share that no sum reaches keeps every token.
  const share = topP < 1 ? topP : 2;
  return {
    inverseTemperature: 1 / temperature,
    lastOfTopK: (topK > 0 ? Math.min(topK, candidates) : candidates) - 1,
    shareOfTopK: topK > 0 ? share : 0,
    shareOfAll: topK > 0 ? 0 : share,
    repetitionPenalty,
  };
}

/** The settings that a graph of that sampling has inputs for. */
export function settingNames({ candidates, penalises }: Sampling): (keyof SettingValues)[] {
  return [
    'inverseTemperature',
    ...(candidates > 0 ? (['lastOfTopK', 'shareOfTopK', 'shareOfAll'] as const) : []),
    ...(penalises ? (['repetitionPenalty'] as const) : []),
  ];
}

/**
 * Nodes of one step: the processors in the order of decoding/processors.ts, then a draw as in
 * decoding/distribution.ts. Of tokens of one probability the lower id counts as the more probable,
 * here (TopK's rule) and there. One difference: the script leaves tokens under (1 − topP) ÷
 * vocabulary out of the nucleus at once, which changes it only where rounding keeps the rest from
 * reaching topP.
 */
export class SamplingWriter {
  private readonly type: ElementType;

  constructor(
    private readonly graph: GraphWriter,
    private readonly sampling: Sampling,
    private readonly vocabularySize: number,
    private readonly opset: number,
  ) {
    this.type = sampling.arithmetic;
  }

  /**
   * `logits` [vocabulary] of `logitsType`, `uniform` [1], `said` [vocabulary] with 1 for each token
   * said so far → q [vocabulary], FLOAT, and the token drawn from it, INT32 [1]. `before`, of the
   * arithmetic's type [1], is how many candidates leave the nucleus short: if all do, neither holds.
   */
  step(
    logits: string,
    uniform: string,
    said: string,
    logitsType: 'FLOAT' | 'other',
  ): { q: string; token: string; before: string | null } {
    const { graph, sampling } = this;
    const cast = logitsType !== sampling.arithmetic ? graph.cast(logits, this.type) : logits;
    const penalised = sampling.penalises ? this.penalised(cast, said) : cast;
    const p = this.softmax(penalised);
    const { q, before } = sampling.candidates > 0 ? this.truncated(p) : { q: p, before: null };
    return { q: q.single, token: this.drawn(q.wide, uniform), before };
  }

  /** `said` with a token added. */
  saying(said: string, token: string): string {
    const { graph } = this;
    const ids = graph.constant('ids', 'INT32', range(this.vocabularySize));
    const one = graph.constant('said', 'FLOAT', [1]);
    return graph.op('Where', [graph.op('Equal', [ids, token]), one, said]);
  }

  private penalised(logits: string, said: string): string {
    const { graph } = this;
    const penalty = SETTING_INPUTS.repetitionPenalty;
    const positive = graph.op('Greater', [logits, this.number('zero', 0)]);
    const less = graph.op('Div', [logits, penalty]);
    const more = graph.op('Mul', [logits, penalty]);
    const isSaid = graph.op('Greater', [said, graph.constant('half', 'FLOAT', [0.5])]);
    const lowered = graph.op('Where', [positive, less, more]);
    return this.rounded(graph.op('Where', [isSaid, lowered, logits])).wide;
  }

  private softmax(logits: string): Probabilities {
    const { graph } = this;
    const { inverseTemperature } = SETTING_INPUTS;
    if (this.type === 'FLOAT') {
      const scaled = graph.op('Mul', [logits, inverseTemperature]);
      return this.rounded(graph.op('Softmax', [scaled], { axis: 0 }));
    }
    // The script's softmax step by step, its roundings to single precision included.
    const largest =
      this.opset < 18
        ? graph.op('ReduceMax', [logits])
        : graph.op('ReduceMax', [logits, this.axis()]);
    const below = graph.op('Sub', [logits, largest]);
    const weights = graph.op('Exp', [graph.op('Mul', [below, inverseTemperature])]);
    const inverse = graph.op('Div', [this.number('one', 1), this.sum(weights)]);
    return this.rounded(graph.op('Mul', [this.rounded(weights).wide, inverse]));
  }

  private truncated(p: Probabilities): { q: Probabilities; before: string } {
    const { graph, vocabularySize } = this;
    const { candidates } = this.sampling;
    const { lastOfTopK, shareOfTopK, shareOfAll } = SETTING_INPUTS;
    const most = graph.constant('candidates', 'INT64', [candidates]);
    const [falling, ids] = graph.ops('TopK', [p.single, most], 2, { axis: 0 });
    const sorted = this.type === 'FLOAT' ? falling : graph.cast(falling, this.type);
    const mass = this.cumulative(sorted);
    const eligible = graph.op('Gather', [mass, lastOfTopK]);
    const share = graph.op('Add', [graph.op('Mul', [eligible, shareOfTopK]), shareOfAll]);
    const before = this.count(graph.op('Less', [mass, share]));
    const last = graph.op('Min', [before, graph.cast(lastOfTopK, this.type)]);
    const kept = graph.op('Gather', [mass, graph.cast(last, 'INT32')]);
    const ranks = graph.constant('ranks', this.type, range(candidates));
    const scaled = graph.op('Where', [
      graph.op('LessOrEqual', [ranks, last]),
      graph.op('Div', [sorted, kept]),
      this.number('zero', 0),
    ]);
    const none = graph.constant('none', this.type, new Float64Array(vocabularySize));
    const q = graph.op('ScatterElements', [none, ids, scaled], { axis: 0 });
    return { q: this.rounded(q), before };
  }

  /** The token at which the cumulative sum passes the uniform number. */
  private drawn(q: string, uniform: string): string {
    const { graph } = this;
    const mass = this.cumulative(q);
    const total = graph.op('Gather', [
      mass,
      graph.constant('last', 'INT32', [this.vocabularySize - 1]),
    ]);
    const isPassed = graph.op('LessOrEqual', [mass, uniform]);
    // Rounding can leave the sum a hair under 1 and the number above it: the last token of any
    // probability is meant then, where the sum comes to its total.
    const isShort = graph.op('Less', [mass, total]);
    return graph.cast(this.count(graph.op('And', [isPassed, isShort])), 'INT32');
  }

  /** Single precision, as the script stores it, and that in the type of the arithmetic. */
  private rounded(tensor: string): Probabilities {
    if (this.type === 'FLOAT') return { single: tensor, wide: tensor };
    const single = this.graph.cast(tensor, 'FLOAT');
    return { single, wide: this.graph.cast(single, this.type) };
  }

  private cumulative(tensor: string): string {
    return this.graph.op('CumSum', [tensor, this.graph.constant('axis', 'INT32', [0], [])]);
  }

  private sum(tensor: string): string {
    return this.graph.op('ReduceSum', [tensor, this.axis()]);
  }

  private count(condition: string): string {
    return this.sum(this.graph.cast(condition, this.type));
  }

  private axis(): string {
    return this.graph.constant('axes', 'INT64', [0]);
  }

  private number(name: string, value: number): string {
    return this.graph.constant(name, this.type, [value]);
  }
}

type Probabilities = { single: string; wide: string };

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
