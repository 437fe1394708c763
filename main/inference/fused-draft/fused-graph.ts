import type { HiddenStates } from '../../decoding/model';
import type { ProcessorSettings } from '../../decoding/processors';
import { CACHE_ROWS } from '../caches';
import { discardCopies } from '../copies';
import { areFinite } from '../finite';
import type { GraphModel } from '../graph-model';
import { FeatureInput } from '../hidden-states';
import { type InferenceSession, Tensor } from '../onnxruntime';
import { openSession } from '../session';
import { SETTING_INPUTS, settingNames, settingValues } from './sampling';
import { FUSED, type FusedPlan, unrollDraft } from './unroll';

/** First steps up to this long reuse their tensors. */
const LONGEST_REUSED_PASS = 16;

/** What a run whose first step feeds so many tokens takes and gives besides. */
type Pass = {
  values: BigInt64Array;
  ids: Tensor;
  rows: Tensor;
  /** Of a draft that reads features: those of the first step. */
  features: FeatureInput | null;
};

/** All draft steps of a round in one call of one graph, over the caches of a draft model. */
export class FusedGraph {
  /** Drafted tokens of the last run, [lookahead]. */
  readonly tokens: Int32Array;
  /** What each was drawn from, [vocabulary] each; the next run overwrites them. */
  readonly q: readonly Float32Array[];
  /** To be filled before a run: a uniform number a step. */
  readonly uniform: Float32Array | Float64Array;
  /** To be filled before a run, if the plan penalises: 1 for every token said so far. */
  readonly said: Float32Array | null;
  private readonly allQ: Float32Array;
  /** Candidates that left each step's nucleus short. */
  private readonly before: Float32Array | Float64Array;
  private readonly seqlensK: Int32Array[];
  private readonly totalLengths: Int32Array[];
  private readonly feeds: Record<string, Tensor>;
  private readonly fetches: Record<string, Tensor>;
  private readonly passes = new Map<number, Pass>();
  private movesKnown = 0;
  private settings: ProcessorSettings | null = null;

  private constructor(
    private readonly session: InferenceSession,
    private readonly model: GraphModel,
    readonly plan: FusedPlan,
  ) {
    const { lookahead, arithmetic } = plan;
    const size = model.vocabularySize;
    this.tokens = new Int32Array(lookahead);
    this.allQ = new Float32Array(lookahead * size);
    this.q = perStep(lookahead, (step) => this.allQ.subarray(step * size, (step + 1) * size));
    const numbers =
      arithmetic === 'DOUBLE' ? new Float64Array(lookahead) : new Float32Array(lookahead);
    this.uniform = numbers;
    this.before = this.uniform.slice();
    this.said = plan.penalises ? new Float32Array(size) : null;
    this.seqlensK = perStep(lookahead, () => Int32Array.of(0));
    this.totalLengths = perStep(lookahead, () => Int32Array.of(0));
    this.feeds = { [FUSED.uniform]: tensorOf(this.uniform, [lookahead]) };
    if (this.said) this.feeds[FUSED.said] = tensorOf(this.said, [size]);
    for (let step = 0; step < lookahead; step++) {
      this.feeds[FUSED.seqlensK(step)] = tensorOf(this.seqlensK[step], [1]);
      this.feeds[FUSED.totalSequenceLength(step)] = tensorOf(this.totalLengths[step], []);
    }
    this.fetches = {
      [FUSED.tokens]: tensorOf(this.tokens, [lookahead]),
      [FUSED.q]: tensorOf(this.allQ, [lookahead * size]),
    };
    if (plan.candidates > 0) this.fetches[FUSED.before] = tensorOf(this.before, [lookahead]);
  }

  /**
   * `source`: the draft's file. Throws an `Error` for a graph that cannot be fused, and a `runtime`
   * failure for one that does not open.
   */
  static async open(source: Uint8Array, model: GraphModel, plan: FusedPlan): Promise<FusedGraph> {
    const { graph, vocabularySize, device, caches } = model;
    const fused = unrollDraft(source, graph, vocabularySize, plan);
    const keepOnDevice = caches.names.map(({ present }) => present);
    const placement = { device, threads: 1, keepOnDevice };
    const session = await openSession(graph.file, placement, fused);
    return new FusedGraph(session, model, plan);
  }

  /**
   * Feeds `fed` behind what the caches hold, then every drafted token but the last. The caches are
   * left `fed.length` + lookahead − 1 positions longer. A draft that reads features takes those of `fed`
   * from `reads`, and its own behind.
   */
  async run(
    fed: readonly number[],
    settings: ProcessorSettings,
    reads?: Partial<HiddenStates>,
  ): Promise<void> {
    const { model, plan } = this;
    const { caches, stopwatch } = model;
    const positions = fed.length + plan.lookahead - 1;
    caches.makeRoomFor(positions);
    this.set(settings);
    for (let step = 0; step < plan.lookahead; step++) {
      const length = caches.length + fed.length + step;
      this.seqlensK[step][0] = length - 1;
      this.totalLengths[step][0] = length;
    }
    const { values, ids, rows, features } = this.pass(fed.length);
    const { names } = model.graph;
    if (features && names.features) {
      features.fill(caches.length, reads);
      this.feeds[names.features] = features.tensor;
    }
    for (let i = 0; i < fed.length; i++) values[i] = BigInt(fed[i]);
    this.feeds[model.graph.names.inputIds] = ids;
    await stopwatch.time(() =>
      plan.givesRows ? this.runForRows(rows, positions) : this.runForCaches(positions),
    );
    if (!areFinite(this.allQ)) throw model.notNumbers();
  }

  /** Whether the last run's first `steps` hold: a nucleus may have more tokens than candidates. */
  holds(steps: number): boolean {
    const { candidates } = this.plan;
    const all = this.model.vocabularySize;
    if (candidates === 0 || candidates === all || this.settings?.topK !== 0) return true;
    return this.before.subarray(0, steps).every((before) => before < candidates);
  }

  /** On a GPU, forgets what the draft's caches hold. */
  async release(): Promise<void> {
    this.model.caches.leaveDevice();
    await this.session.release();
  }

  private async runForRows(rows: Tensor, positions: number): Promise<void> {
    const { caches } = this.model;
    if (this.movesKnown !== caches.moves) {
      Object.assign(this.feeds, caches.tensors);
      this.movesKnown = caches.moves;
    }
    this.fetches[CACHE_ROWS] = rows;
    discardCopies(await this.session.run(this.feeds, this.fetches), this.fetches);
    caches.append(rows, positions);
  }

  private async runForCaches(positions: number): Promise<void> {
    const { caches } = this.model;
    const outputs = await this.session.run({ ...this.feeds, ...caches.tensors });
    caches.replace(outputs, positions);
    this.tokens.set(outputs[FUSED.tokens].data as Int32Array);
    this.allQ.set(outputs[FUSED.q].data as Float32Array);
    if (this.plan.candidates > 0) {
      this.before.set(outputs[FUSED.before].data as Float32Array | Float64Array);
    }
  }

  private set(settings: ProcessorSettings): void {
    if (this.settings === settings) return;
    const values = settingValues(settings, this.plan);
    const Numbers = this.plan.arithmetic === 'DOUBLE' ? Float64Array : Float32Array;
    for (const name of settingNames(this.plan)) {
      const value = name === 'lastOfTopK' ? Int32Array.of(values[name]) : Numbers.of(values[name]);
      this.feeds[SETTING_INPUTS[name]] = tensorOf(value, [1]);
    }
    this.settings = settings;
  }

  private pass(fed: number): Pass {
    const known = this.passes.get(fed);
    if (known) return known;
    const values = new BigInt64Array(fed);
    const ids = new Tensor('int64', values, [1, fed]);
    const rows = this.model.caches.rowsOf(fed + this.plan.lookahead - 1);
    const { featureWidth } = this.model;
    const features = featureWidth > 0 ? new FeatureInput(fed, featureWidth) : null;
    const pass = { values, ids, rows, features };
    if (fed <= LONGEST_REUSED_PASS) this.passes.set(fed, pass);
    return pass;
  }
}

function perStep<T>(lookahead: number, make: (step: number) => T): T[] {
  return Array.from({ length: lookahead }, (_, step) => make(step));
}

function tensorOf(values: Float32Array | Float64Array | Int32Array, shape: number[]): Tensor {
  if (values instanceof Float32Array) return new Tensor('float32', values, shape);
  if (values instanceof Float64Array) return new Tensor('float64', values, shape);
  return new Tensor('int32', values, shape);
}
