import { fromBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { ConstantSizes } from './constant-sizes';
import { objectionToOperator } from './operators';
import { isBoundedShape, type ListedFiles, objectionToTensor } from './tensors';

/** Bounds that no honest graph comes near: the largest speech models have a tenth of them. */
const MOST_NODES = 50_000;
const MOST_TENSORS = 50_000;
/** `If` within `If`. */
const MOST_NESTING = 8;
const MOST_NAME = 1_000;
/** What a window over a signal may be moved, padded or stretched by. */
const MOST_WINDOW = 65_536;
const WINDOW_ATTRIBUTES = new Set(
  'pads strides dilations kernel_shape output_padding output_shape'.split(' '),
);

/** ONNX Runtime's own form of a model, which it knows by these letters and which is not scanned. */
const OWN_FORM = 'ORTM';

/** A reason for which a graph is not opened, as the rest of a sentence that begins with its file. */
class Objection extends Error {}

/**
 * Why a graph is not to be opened, as the rest of a sentence that begins with its file; or null. `listed` holds
 * the files that its weights may lie in. What can be told without running it is told here: operators,
 * sparse tensors, files, shapes, counts, and what its constants grow to. What it takes when it runs is
 * for a process that can be lost (`pack-trial.ts`).
 */
export function objectionToGraph(bytes: Uint8Array, listed: ListedFiles): string | null {
  try {
    if (Buffer.from(bytes.subarray(4, 8)).toString('latin1') === OWN_FORM) {
      return 'is in a form that Timbrel does not open';
    }
    new Scan(listed, bytes.length).model(read(bytes));
    return null;
  } catch (error) {
    if (error instanceof Objection) return error.message;
    throw error;
  }
}

function read(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      throw new Objection(`nests graphs deeper than ${MOST_NESTING}`);
    }
    throw new Objection('is not a whole ONNX graph');
  }
}

class Scan {
  private nodes = 0;
  private tensors = 0;

  constructor(
    private readonly listed: ListedFiles,
    private readonly fileBytes: number,
  ) {}

  model({ graph, functions, trainingInfo }: ModelProto): void {
    if (!graph) throw new Objection('holds no graph');
    if (functions.length > 0) throw new Objection('defines functions of its own');
    if (trainingInfo.length > 0) throw new Objection('holds graphs for training');
    this.graph(graph, 0, new ConstantSizes(this.fileBytes));
  }

  private graph(graph: GraphProto, depth: number, sizes: ConstantSizes): void {
    if (depth > MOST_NESTING) throw new Objection(`nests graphs deeper than ${MOST_NESTING}`);
    this.nodes += graph.node.length;
    if (this.nodes > MOST_NODES) throw new Objection(`has more than ${MOST_NODES} nodes`);
    this.tensors += graph.initializer.length;
    if (this.tensors > MOST_TENSORS) throw new Objection(`has more than ${MOST_TENSORS} tensors`);
    if (graph.sparseInitializer.length > 0) throw new Objection('holds sparse tensors');
    for (const value of [...graph.input, ...graph.output, ...graph.valueInfo]) checkValue(value);
    for (const tensor of graph.initializer) {
      object(objectionToTensor(tensor, this.listed));
      sizes.hold(tensor);
    }
    for (const node of graph.node) this.node(node, depth, sizes);
  }

  private node(node: NodeProto, depth: number, sizes: ConstantSizes): void {
    object(objectionToOperator(node.domain, node.opType));
    for (const name of [node.name, ...node.input, ...node.output]) {
      if (name.length > MOST_NAME) throw new Objection('holds a name that is too long');
    }
    for (const attribute of node.attribute) {
      const { name, type, t, g, graphs, tensors, ints } = attribute;
      if (attribute.sparseTensor || attribute.sparseTensors.length > 0) {
        throw new Objection('holds sparse tensors');
      }
      for (const tensor of t ? [t, ...tensors] : tensors) {
        object(objectionToTensor(tensor, this.listed));
      }
      const inner = g ? [g, ...graphs] : graphs;
      if (inner.length > 0 && node.opType !== 'If') {
        throw new Objection(`gives ${node.opType} a graph of its own`);
      }
      for (const graph of inner) this.graph(graph, depth + 1, sizes.within());
      const isWindow = WINDOW_ATTRIBUTES.has(name) && type === AttributeProto_AttributeType.INTS;
      if (isWindow && ints.some((side) => side > MOST_WINDOW || side < -MOST_WINDOW)) {
        throw new Objection(`moves a window of ${node.opType} too far`);
      }
    }
    object(sizes.add(node));
  }
}

function object(objection: string | null): void {
  if (objection !== null) throw new Objection(objection);
}

function checkValue({ name, type }: ValueInfoProto): void {
  if (name.length > MOST_NAME) throw new Objection('holds a name that is too long');
  if (type?.value.case !== 'tensorType') return;
  const sides = type.value.value.shape?.dim ?? [];
  const lengths = sides.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : 1));
  if (!isBoundedShape(lengths)) throw new Objection(`gives ${name} an impossible shape`);
}
