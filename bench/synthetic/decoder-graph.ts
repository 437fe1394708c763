import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { valueInfo } from '../../main/inference/graph-writer';
import { halfBits } from '../../main/inference/half';
import type { DecoderGraph } from '../../main/inference/messages';

/** Size of a decoder with random weights. */
export type DecoderSize = {
  layers: number;
  width: number;
  /** Of 64 each. */
  heads: number;
  kvHeads: number;
  feedForward: number;
  vocabulary: number;
};

const HEAD_SIZE = 64;
const ROTARY_BASE = 10_000;
const BLOCK = 32;
const CONTRIB = 'com.microsoft';
/** Standard deviation of a nibble whose sixteen values are equally frequent. */
const NIBBLE_SPREAD = Math.sqrt((16 ** 2 - 1) / 12);

export const GRAPH_NAMES: DecoderGraph['names'] = {
  inputIds: 'input_ids',
  seqlensK: 'seqlens_k',
  totalSequenceLength: 'total_sequence_length',
  pastKey: 'past_key.{layer}',
  pastValue: 'past_value.{layer}',
  logits: 'logits',
  presentKey: 'present_key.{layer}',
  presentValue: 'present_value.{layer}',
};

/**
 * A decoder as voice packs have theirs, as bytes: root-mean-square norms, grouped-query attention
 * with rotary positions by halves, SwiGLU; matrices in blocks of 32 weights of 4 bits, embedding in
 * 8. The weights are random by `seed`, of a size that keeps activations near one.
 */
export function decoderGraph(size: DecoderSize, maxLength: number, seed: number): Uint8Array {
  const { layers, width, heads, kvHeads, feedForward, vocabulary } = size;
  const graph = new RandomGraph(seed);
  const half = HEAD_SIZE / 2;
  const angles = Array.from(
    { length: maxLength * half },
    (_, i) => Math.floor(i / half) * ROTARY_BASE ** (-(i % half) / half),
  );
  const rotary = [
    graph.floats('cosines', [maxLength, half], angles.map(Math.cos)),
    graph.floats('sines', [maxLength, half], angles.map(Math.sin)),
  ];
  const norm = (name: string) => graph.floats(name, [width], new Array(width).fill(1));
  const addAndNorm = (addend: string, residual: string, name: string) => {
    const outputs = [`${name}.normed`, '', '', `${name}.sum`];
    graph.add('SkipSimplifiedLayerNormalization', [addend, residual, norm(name)], outputs, {
      domain: CONTRIB,
      floats: { epsilon: 1e-5 },
    });
    return [outputs[0], outputs[3]];
  };

  let residual = graph.embedding(vocabulary, width);
  let addend: string | null = null;
  // What the residual stream adds up must not grow with the depth.
  const damped = 0.7 / Math.sqrt(2 * layers);
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string) => `layers.${layer}.${name}`;
    let normed: string;
    if (addend === null) {
      normed = at('attention_norm.normed');
      const inputs = [residual, norm(at('attention_norm'))];
      graph.add('SimplifiedLayerNormalization', inputs, [normed], {
        ints: { axis: -1 },
        floats: { epsilon: 1e-5 },
      });
    } else {
      [normed, residual] = addAndNorm(addend, residual, at('attention_norm'));
    }
    const qkv = graph.linear(normed, at('qkv'), width, (heads + 2 * kvHeads) * HEAD_SIZE);
    const mixed = at('mixed');
    graph.add(
      'GroupQueryAttention',
      [
        qkv,
        '',
        '',
        `past_key.${layer}`,
        `past_value.${layer}`,
        GRAPH_NAMES.seqlensK,
        GRAPH_NAMES.totalSequenceLength,
        ...rotary,
      ],
      [mixed, `present_key.${layer}`, `present_value.${layer}`],
      { domain: CONTRIB, ints: { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 } },
    );
    const attended = graph.linear(mixed, at('output'), heads * HEAD_SIZE, width, damped);
    [normed, residual] = addAndNorm(attended, residual, at('feed_forward_norm'));
    const both = graph.linear(normed, at('gate_up'), width, 2 * feedForward);
    graph.add('Split', [both], [at('gate'), at('up')], { ints: { axis: -1 } });
    graph.add('QuickGelu', [at('gate')], [at('gated')], { domain: CONTRIB, floats: { alpha: 1 } });
    graph.add('Mul', [at('gated'), at('up')], [at('gated_up')]);
    addend = graph.linear(at('gated_up'), at('down'), feedForward, width, damped);
  }
  const [normed] = addAndNorm(addend as string, residual, 'norm');
  // Logits some units apart: a distribution as peaked as a speech model's.
  graph.linear(normed, 'head', width, vocabulary, 2.5, GRAPH_NAMES.logits);

  const cache = [1, kvHeads, 'positions', HEAD_SIZE];
  const caches = (kind: 'past' | 'present') =>
    Array.from({ length: layers }, (_, layer) => [
      valueInfo(`${kind}_key.${layer}`, 'FLOAT', cache),
      valueInfo(`${kind}_value.${layer}`, 'FLOAT', cache),
    ]).flat();
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: '', version: 17n },
        { domain: CONTRIB, version: 1n },
      ],
      graph: {
        name: 'decoder',
        node: graph.nodes,
        initializer: graph.tensors,
        input: [
          valueInfo(GRAPH_NAMES.inputIds, 'INT64', [1, 'S']),
          valueInfo(GRAPH_NAMES.seqlensK, 'INT32', [1]),
          valueInfo(GRAPH_NAMES.totalSequenceLength, 'INT32', []),
          ...caches('past'),
        ],
        output: [
          valueInfo(GRAPH_NAMES.logits, 'FLOAT', [1, 'S', vocabulary]),
          ...caches('present'),
        ],
      },
    }),
  );
}

type NodeOptions = {
  domain?: string;
  ints?: Record<string, number>;
  floats?: Record<string, number>;
};

/** Nodes and random weights in the order they are named. */
class RandomGraph {
  readonly nodes: NodeProto[] = [];
  readonly tensors: TensorProto[] = [];
  private state: number;

  constructor(seed: number) {
    this.state = (seed + 0x9e37_79b9) | 0 || 1;
  }

  add(
    opType: string,
    input: string[],
    output: string[],
    { domain = '', ints = {}, floats = {} }: NodeOptions = {},
  ): void {
    const attribute = [
      ...Object.entries(ints).map(([name, i]) =>
        create(AttributeProtoSchema, {
          name,
          type: AttributeProto_AttributeType.INT,
          i: BigInt(i),
        }),
      ),
      ...Object.entries(floats).map(([name, f]) =>
        create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f }),
      ),
    ];
    this.nodes.push(create(NodeProtoSchema, { opType, domain, input, output, attribute }));
  }

  floats(name: string, dims: number[], values: ArrayLike<number>): string {
    return this.tensor(name, 'FLOAT', dims, Float32Array.from(values));
  }

  /** x [..., inputs] times a matrix [outputs, inputs] whose products spread by `spread`. */
  linear(
    x: string,
    name: string,
    inputs: number,
    outputs: number,
    spread = 0.7,
    output = `${name}.product`,
  ): string {
    const blocks = Math.ceil(inputs / BLOCK);
    const scale = spread / (NIBBLE_SPREAD * Math.sqrt(inputs));
    const levels = this.randomBytes(outputs * blocks * (BLOCK / 2));
    const inputsOfNode = [
      x,
      this.tensor(`${name}.levels`, 'UINT8', [outputs, blocks, BLOCK / 2], levels),
      this.halves(`${name}.scales`, [outputs * blocks], scale),
    ];
    this.add('MatMulNBits', inputsOfNode, [output], {
      domain: CONTRIB,
      ints: { K: inputs, N: outputs, bits: 4, block_size: BLOCK, accuracy_level: 4 },
    });
    return output;
  }

  embedding(rows: number, width: number): string {
    const levels = this.tensor(
      'embedding.levels',
      'UINT8',
      [rows, width],
      this.randomBytes(rows * width),
    );
    // Bytes spread by 74 about their middle.
    const scales = this.halves('embedding.scales', [rows, width / BLOCK], 1 / 74);
    this.add('GatherBlockQuantized', [levels, GRAPH_NAMES.inputIds, scales], ['embedding'], {
      domain: CONTRIB,
      ints: { bits: 8, block_size: BLOCK, gather_axis: 0, quantize_axis: 1 },
    });
    return 'embedding';
  }

  /** One number in half precision, everywhere; onnxruntime folds the cast when it loads the graph. */
  private halves(name: string, dims: number[], value: number): string {
    const count = dims.reduce((product, side) => product * side, 1);
    const stored = this.tensor(
      `${name}.half`,
      'FLOAT16',
      dims,
      new Uint16Array(count).fill(halfBits(value)),
    );
    this.add('Cast', [stored], [name], { ints: { to: TensorProto_DataType.FLOAT } });
    return name;
  }

  private tensor(
    name: string,
    type: 'FLOAT' | 'FLOAT16' | 'UINT8',
    dims: number[],
    { buffer }: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
  ): string {
    const dataType = TensorProto_DataType[type];
    const rawData = new Uint8Array(buffer);
    this.tensors.push(
      create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData }),
    );
    return name;
  }

  /** `count`, a multiple of four, of a seeded xorshift: hundreds of megabytes in a second. */
  private randomBytes(count: number): Uint8Array<ArrayBuffer> {
    const words = new Int32Array(count / 4);
    let { state } = this;
    for (let i = 0; i < words.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[i] = state;
    }
    this.state = state;
    return new Uint8Array(words.buffer);
  }
}
