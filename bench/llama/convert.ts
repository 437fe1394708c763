import type { GraphProto, NodeProto, TensorProto } from 'onnx-buf';
import type { DecoderGraph } from '../../main/inference/messages';
import { type BlockRows, halvesOf, padded, stacked, toGgml } from './blocks';
import { encodeGguf, type GgufTensor, type GgufValue } from './gguf';

const TOKEN_TYPES = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/**
 * A decoder graph's weights as a GGUF file for llama.cpp, number for number: its architecture `phi3`
 * has the same norms, rotary positions by halves, grouped-query attention and SwiGLU, with packed
 * projections. Rows of the head beyond the vocabulary, for tokens that are only read, are zeros.
 * Throws an `Error` with a sentence for a graph that is built otherwise.
 */
export function ggufOf(
  graph: GraphProto,
  { kvHeads, headDim, maxLength }: DecoderGraph,
): Uint8Array {
  const reader = new GraphReader(graph);
  const attentions = reader.nodes('GroupQueryAttention');
  const embedding = reader.embedding();
  const width = embedding.shape[0];
  const tensors: GgufTensor[] = [{ name: 'token_embd.weight', ...embedding }];
  const rows = embedding.shape[1];

  const matrix = (name: string, one: BlockRows) => {
    tensors.push({ name: `${name}.weight`, shape: [one.width, one.rows], ...toGgml(one) });
  };
  const norm = (name: string, node: NodeProto) => {
    tensors.push({ name: `${name}.weight`, type: 'F32', ...reader.floats(normWeight(node)) });
  };

  let feedForward = 0;
  for (const [layer, attention] of attentions.entries()) {
    const at = (name: string) => `blk.${layer}.${name}`;
    const projections = attention.input.slice(0, 3).filter((name) => name !== '');
    const qkv = projections.map((name) => reader.maker(name, 'MatMulNBits'));
    norm(at('attn_norm'), reader.maker(qkv[0].input[0]));
    matrix(at('attn_qkv'), stacked(qkv.map((node) => reader.matrix(node))));
    const output = reader.user(attention.output[0], 'MatMulNBits');
    matrix(at('attn_output'), reader.matrix(output));
    const ffnNorm = reader.user(output.output[0]);
    norm(at('ffn_norm'), ffnNorm);
    const gateUp = reader.users(ffnNorm.output[0], 'MatMulNBits');
    // The gate comes first, whether it shares a matrix or has its own.
    if (gateUp.length === 2 && !reader.isGate(gateUp[0])) gateUp.reverse();
    const both = stacked(gateUp.map((node) => reader.matrix(node)));
    feedForward = both.rows / 2;
    matrix(at('ffn_up'), both);
    const down = reader.productBehind(gateUp[gateUp.length - 1]);
    matrix(at('ffn_down'), reader.matrix(down));
  }
  const head = reader.nodes('MatMulNBits').at(-1) as NodeProto;
  norm('output_norm', reader.maker(head.input[0]));
  matrix('output', padded(reader.matrix(head), rows));

  const [attention] = attentions;
  return encodeGguf(
    {
      'general.architecture': 'phi3',
      'general.name': 'decoder',
      'phi3.vocab_size': rows,
      'phi3.context_length': maxLength,
      'phi3.embedding_length': width,
      'phi3.block_count': attentions.length,
      'phi3.feed_forward_length': feedForward,
      'phi3.attention.head_count': attribute(attention, 'num_heads'),
      'phi3.attention.head_count_kv': kvHeads,
      'phi3.attention.key_length': headDim,
      'phi3.attention.value_length': headDim,
      'phi3.attention.layer_norm_rms_epsilon': { float: epsilonOf(reader) },
      'phi3.rope.dimension_count': headDim,
      'phi3.rope.freq_base': { float: reader.rotaryBase(attention, headDim) },
      ...namedTokens(rows),
    },
    tensors,
  );
}

/**
 * llama.cpp wants a text for every token, a token for every byte, and one that ends a text: the last
 * one, which only pads the head. Nothing here is ever read as text.
 */
function namedTokens(rows: number): Record<string, GgufValue> {
  const types = new Int32Array(rows).fill(TOKEN_TYPES.normal);
  types.fill(TOKEN_TYPES.byte, 0, BYTES);
  types[rows - 1] = TOKEN_TYPES.control;
  types[rows - 2] = TOKEN_TYPES.unknown;
  return {
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': Array.from({ length: rows }, (_, id) => nameOf(id)),
    'tokenizer.ggml.scores': new Float32Array(rows),
    'tokenizer.ggml.token_type': types,
    'tokenizer.ggml.bos_token_id': rows - 1,
    'tokenizer.ggml.eos_token_id': rows - 1,
    'tokenizer.ggml.unknown_token_id': rows - 2,
  };
}

const BYTES = 256;

const nameOf = (id: number) =>
  id < BYTES ? `<0x${id.toString(16).toUpperCase().padStart(2, '0')}>` : `<t${id}>`;

const normWeight = ({ opType, input }: NodeProto) =>
  input[opType === 'SimplifiedLayerNormalization' ? 1 : 2];

function epsilonOf(reader: GraphReader): number {
  const [norm] = reader.nodes('SimplifiedLayerNormalization');
  return norm.attribute.find(({ name }) => name === 'epsilon')?.f ?? 1e-5;
}

function attribute(node: NodeProto, name: string): number {
  const found = node.attribute.find((one) => one.name === name);
  if (found === undefined) throw new Error(`A ${node.opType} has no ${name}.`);
  return Number(found.i);
}

/** Finds its way along a graph's edges. */
class GraphReader {
  private readonly makers = new Map<string, NodeProto>();
  private readonly weights: Map<string, TensorProto>;

  constructor(private readonly graph: GraphProto) {
    for (const node of graph.node) {
      for (const name of node.output) if (name !== '') this.makers.set(name, node);
    }
    this.weights = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  }

  nodes(opType: string): NodeProto[] {
    return this.graph.node.filter((node) => node.opType === opType);
  }

  maker(tensor: string, opType?: string): NodeProto {
    const node = this.makers.get(tensor);
    if (!node || (opType && node.opType !== opType)) {
      throw new Error(`${tensor} is not made as a voice pack’s decoder makes it.`);
    }
    return node;
  }

  users(tensor: string, opType?: string): NodeProto[] {
    return this.graph.node.filter(
      (node) => node.input.includes(tensor) && (!opType || node.opType === opType),
    );
  }

  user(tensor: string, opType?: string): NodeProto {
    const [node] = this.users(tensor, opType);
    if (!node) throw new Error(`Nothing takes ${tensor} as in a voice pack’s decoder.`);
    return node;
  }

  /** Whether a product goes through the activation. */
  isGate(product: NodeProto): boolean {
    return this.users(product.output[0]).some(({ opType }) => /Sigmoid|Gelu/.test(opType));
  }

  /** The first product that takes what becomes of another, through products by elements only. */
  productBehind(product: NodeProto): NodeProto {
    let [tensor] = product.output.slice(-1);
    for (let step = 0; step < 4; step++) {
      const [matrix] = this.users(tensor, 'MatMulNBits');
      if (matrix) return matrix;
      const [next] = [...this.users(tensor, 'Split'), ...this.users(tensor, 'Mul')];
      if (!next) break;
      [tensor] = next.output.slice(-1);
    }
    throw new Error(`Nothing multiplies what becomes of ${product.output[0]}.`);
  }

  matrix(node: NodeProto): BlockRows {
    const bits = attribute(node, 'bits');
    if (node.input.length > 3) throw new Error(`${node.output[0]} has middles of its own.`);
    if ((bits !== 4 && bits !== 8) || attribute(node, 'block_size') !== 32) {
      throw new Error(`${node.output[0]} is not in blocks of 32 weights of 4 or 8 bits.`);
    }
    return {
      bits,
      rows: attribute(node, 'N'),
      width: attribute(node, 'K'),
      levels: this.stored(node.input[1]).rawData ?? new Uint8Array(),
      scales: halvesOf(this.stored(node.input[2])),
    };
  }

  embedding(): Omit<GgufTensor, 'name'> {
    const [lookup] = [...this.nodes('GatherBlockQuantized'), ...this.nodes('Gather')];
    const table = this.stored(lookup.input[0]);
    const [rows, bytes] = table.dims.map(Number);
    if (lookup.opType === 'Gather') {
      const data = new Uint8Array(halvesOf(table).buffer as ArrayBuffer);
      return { type: 'F16', shape: [bytes, rows], data };
    }
    const bits = attribute(lookup, 'bits');
    if (bits !== 8) throw new Error('The embedding is not in 8 bits.');
    const scales = halvesOf(this.stored(lookup.input[2]));
    const levels = table.rawData ?? new Uint8Array();
    return { shape: [bytes, rows], ...toGgml({ bits, rows, width: bytes, levels, scales }) };
  }

  floats(name: string): { shape: number[]; data: Uint8Array } {
    const { dataType, rawData, dims } = this.stored(name);
    const shape = dims.map(Number);
    const bytes = new Uint8Array(rawData ?? []);
    if (dataType === 1) return { shape, data: bytes };
    const values = Float32Array.from(new Uint16Array(bytes.buffer), valueOfHalf);
    return { shape, data: new Uint8Array(values.buffer) };
  }

  /** From the second position's second angle. */
  rotaryBase(attention: NodeProto, headDim: number): number {
    const [cosine, sine] = attention.input
      .slice(7, 9)
      .map((name) => new Float32Array(this.floats(name).data.buffer)[headDim / 2 + 1]);
    return Math.atan2(sine, cosine) ** (-headDim / 2);
  }

  /** A weight, behind a cast or itself. */
  private stored(name: string): TensorProto {
    const made = this.makers.get(name);
    const stored = this.weights.get(made?.opType === 'Cast' ? made.input[0] : name);
    if (!stored) throw new Error(`${name} is no stored weight.`);
    return stored;
  }
}

function valueOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
