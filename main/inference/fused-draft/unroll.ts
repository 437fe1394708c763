import { create, toBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
} from 'onnx-buf';
import { giveCacheRows } from '../cache-rows';
import { cacheNames } from '../caches';
import { readModel } from '../graph-bytes';
import { type ElementType, GraphWriter, valueInfo, valueNamed } from '../graph-writer';
import type { DecoderGraph } from '../messages';
import { type Sampling, SamplingWriter, SETTING_INPUTS, settingNames } from './sampling';

/** What a fused graph does: so many draft steps, sampled so. */
export type FusedPlan = Sampling & {
  lookahead: number;
  /** Whether it gives the rows that its steps made (`cache-rows.ts`) in place of whole caches. */
  givesRows: boolean;
};

/** Names of a fused graph's inputs and outputs beside the decoder's own. */
export const FUSED = {
  /** [lookahead], of the sampling's arithmetic. */
  uniform: 'sampling.uniform',
  /** [vocabulary], FLOAT: 1 for every token said so far. Only where the graph penalises. */
  said: 'sampling.said',
  seqlensK: (step: number) => `seqlens_k.step${step}`,
  totalSequenceLength: (step: number) => `total_sequence_length.step${step}`,
  /** INT32 [lookahead]. */
  tokens: 'sampling.tokens',
  /** FLOAT [lookahead × vocabulary]. */
  q: 'sampling.q',
  /** [lookahead], of the sampling's arithmetic: candidates that leave each step's nucleus short. */
  before: 'sampling.before',
} as const;

/** Lowest operator set in which the sampling nodes mean what is meant here. */
const LEAST_OPSET = 13;

/**
 * A model, as bytes, that performs `lookahead` draft steps of a decoder in one run: its body once a
 * step, the weights shared, sampling between the steps. The first step feeds any number of tokens,
 * each later one the token drawn before it; the last one drawn is not fed.
 * Throws an `Error` with a sentence for a graph that cannot be repeated so.
 */
export function unrollDraft(
  source: Uint8Array,
  decoder: DecoderGraph,
  vocabularySize: number,
  plan: FusedPlan,
): Uint8Array<ArrayBuffer> {
  const { model, graph } = readModel(source);
  const opset = Number(model.opsetImport.find(({ domain }) => domain === '')?.version ?? 0);
  objectTo(graph, model.functions.length, opset);

  const { names } = decoder;
  const body = new Body(graph);
  const writer = new GraphWriter('sampling/');
  const sampling = new SamplingWriter(writer, plan, vocabularySize, opset);
  const logitsType = typeOf(graph, names.logits) === TensorProto_DataType.FLOAT ? 'FLOAT' : 'other';
  const caches = cacheNames(decoder);
  const uniforms = split(writer, plan.lookahead);
  const last = writer.constant('vocabulary', 'INT64', [vocabularySize]);

  let given = new Map([[names.inputIds, names.inputIds]]);
  let said: string = FUSED.said;
  const tokens: string[] = [];
  const q: string[] = [];
  const before: string[] = [];
  for (let step = 0; step < plan.lookahead; step++) {
    given.set(names.seqlensK, FUSED.seqlensK(step));
    given.set(names.totalSequenceLength, FUSED.totalSequenceLength(step));
    const isLast = step === plan.lookahead - 1;
    const kept = isLast ? caches.map(({ present }) => present) : [];
    writer.nodes.push(...body.repeat(step, given, kept));
    const named = (tensor: string) => body.nameAt(step, tensor, given, kept);

    // Behind the head, so that a block's logits are those that single steps' sampling sees.
    const newest =
      step === 0
        ? writer.op('Slice', lastPosition(writer, named(names.logits)))
        : named(names.logits);
    const logits = writer.op('Reshape', [newest, last]);
    const drawn = sampling.step(logits, uniforms[step], said, logitsType);
    tokens.push(drawn.token);
    q.push(drawn.q);
    if (drawn.before !== null) before.push(drawn.before);
    if (isLast) break;
    if (plan.penalises) said = sampling.saying(said, drawn.token);
    const next = new Map(caches.map(({ past, present }) => [past, named(present)]));
    next.set(names.inputIds, tokenInput(writer, body, names.inputIds, drawn.token));
    // The target has not been further: what the draft reads from here on is its own.
    if (names.features && names.hidden) {
      const own = named(names.hidden);
      next.set(names.features, step === 0 ? writer.op('Slice', lastPosition(writer, own)) : own);
    }
    given = next;
  }
  writer.add('Concat', tokens, [FUSED.tokens], { axis: 0 });
  writer.add('Concat', q, [FUSED.q], { axis: 0 });
  if (before.length > 0) writer.add('Concat', before, [FUSED.before], { axis: 0 });

  graph.node = [...body.constantNodes, ...writer.nodes];
  graph.initializer.push(...writer.constants.values());
  graph.valueInfo = [];
  graph.input = inputsOf(graph, decoder, plan, vocabularySize);
  graph.output = [
    valueInfo(FUSED.tokens, 'INT32', [plan.lookahead]),
    valueInfo(FUSED.q, 'FLOAT', [plan.lookahead * vocabularySize]),
    ...(before.length > 0 ? [valueInfo(FUSED.before, plan.arithmetic, [plan.lookahead])] : []),
    ...caches.map(({ present }) => valueNamed(graph.output, present)),
  ];
  if (plan.givesRows) {
    const newest = FUSED.seqlensK(plan.lookahead - 1);
    giveCacheRows(graph, decoder, { first: FUSED.seqlensK(0), last: newest });
  }
  return toBinary(ModelProtoSchema, model);
}

function objectTo(graph: GraphProto, functions: number, opset: number): void {
  if (opset < LEAST_OPSET) {
    throw new Error(`It uses operator set ${opset}, and sampling needs ${LEAST_OPSET}.`);
  }
  if (functions > 0) throw new Error('It defines functions of its own.');
  if (graph.sparseInitializer.length > 0) throw new Error('It has sparse weights.');
  const nested = graph.node.find(({ attribute }) =>
    attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0),
  );
  if (nested) throw new Error(`It has control flow (${nested.opType}).`);
}

/** A decoder's nodes: what follows from its inputs is repeated, the rest (weights made ready) is not. */
class Body {
  readonly constantNodes: NodeProto[] = [];
  private readonly stepNodes: NodeProto[] = [];
  /** Tensors that a step makes. */
  private readonly made = new Set<string>();

  constructor(graph: GraphProto) {
    const weights = new Set(graph.initializer.map(({ name }) => name));
    const inputs = graph.input.map(({ name }) => name).filter((name) => !weights.has(name));
    const varying = new Set(inputs);
    // Nodes of a valid graph are in an order in which they can be run.
    for (const node of graph.node) {
      const varies = node.input.some((name) => varying.has(name));
      (varies ? this.stepNodes : this.constantNodes).push(node);
      if (!varies) continue;
      for (const name of node.output.filter((one) => one !== '')) {
        varying.add(name);
        this.made.add(name);
      }
    }
  }

  /** A step's nodes. `given` renames inputs of the body; outputs in `kept` stay as they are. */
  repeat(step: number, given: Map<string, string>, kept: string[]): NodeProto[] {
    const rename = (tensor: string) => this.nameAt(step, tensor, given, kept);
    return this.stepNodes.map((node) => {
      const { opType, domain, overload, attribute, name } = node;
      return create(NodeProtoSchema, {
        opType,
        domain,
        overload,
        attribute,
        name: name && `${name}.step${step}`,
        input: node.input.map(rename),
        output: node.output.map(rename),
      });
    });
  }

  nameAt(step: number, tensor: string, given: Map<string, string>, kept: string[]): string {
    const other = given.get(tensor);
    if (other !== undefined) return other;
    return this.made.has(tensor) && !kept.includes(tensor) ? `step${step}/${tensor}` : tensor;
  }

  /** Operators that read a tensor. */
  readersOf(tensor: string): string[] {
    return this.stepNodes.filter(({ input }) => input.includes(tensor)).map(({ opType }) => opType);
  }
}

function split(writer: GraphWriter, lookahead: number): string[] {
  if (lookahead === 1) return [FUSED.uniform];
  const parts = writer.constant('parts', 'INT64', Array(lookahead).fill(1));
  return writer.ops('Split', [FUSED.uniform, parts], lookahead, { axis: 0 });
}

/** Inputs of a Slice that leaves the last position of [1, positions, width]: of logits, or of hidden states. */
function lastPosition(writer: GraphWriter, rows: string): string[] {
  return [
    rows,
    writer.constant('newest', 'INT64', [-1]),
    writer.constant('end', 'INT64', [0x7fff_ffff]),
    writer.constant('positions', 'INT64', [1]),
  ];
}

/** A drawn token as the body's input [1, 1]; embeddings look up 32-bit ids, which every GPU has. */
function tokenInput(writer: GraphWriter, body: Body, inputIds: string, token: string): string {
  const shaped = writer.op('Reshape', [token, writer.constant('one position', 'INT64', [1, 1])]);
  const lookUp = body.readersOf(inputIds).every((type) => /^Gather(BlockQuantized)?$/.test(type));
  return lookUp ? shaped : writer.cast(shaped, 'INT64');
}

function inputsOf(
  graph: GraphProto,
  decoder: DecoderGraph,
  plan: FusedPlan,
  vocabularySize: number,
): ValueInfoProto[] {
  const { seqlensK, totalSequenceLength } = decoder.names;
  const steps = Array.from({ length: plan.lookahead }, (_, step) => step);
  const single = (name: string, type: ElementType) => valueInfo(name, type, [1]);
  return [
    ...graph.input.filter(({ name }) => name !== seqlensK && name !== totalSequenceLength),
    ...steps.map((step) => renamed(valueNamed(graph.input, seqlensK), FUSED.seqlensK(step))),
    ...steps.map((step) =>
      renamed(valueNamed(graph.input, totalSequenceLength), FUSED.totalSequenceLength(step)),
    ),
    valueInfo(FUSED.uniform, plan.arithmetic, [plan.lookahead]),
    ...settingNames(plan).map((name) =>
      single(SETTING_INPUTS[name], name === 'lastOfTopK' ? 'INT32' : plan.arithmetic),
    ),
    ...(plan.penalises ? [valueInfo(FUSED.said, 'FLOAT', [vocabularySize])] : []),
  ];
}

function renamed(value: ValueInfoProto, name: string): ValueInfoProto {
  return { ...value, name };
}

function typeOf(graph: GraphProto, output: string): number | undefined {
  const type = valueNamed(graph.output, output).type?.value;
  return type?.case === 'tensorType' ? type.value.elemType : undefined;
}
