import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  TrainingInfoProtoSchema,
} from 'onnx-buf';
import { valueInfo } from '../graph-writer';

/** A graph of a pack that hostile graphs are made from: its main input, which holds int64 ids, and its output. */
export type Victim = {
  kind: 'target' | 'draft' | 'codec';
  bytes: Uint8Array;
  input: string;
  output: string;
  /** Of the pack. */
  vocabularySize: number;
  endOfSpeech: number;
};

/** A graph that does harm, or that is none. */
export type HostileGraph = { name: string; bytes: Uint8Array };

const { INT, INTS, TENSOR, GRAPH, FLOAT } = AttributeProto_AttributeType;

const int = (name: string, i: number) =>
  create(AttributeProtoSchema, { name, type: INT, i: BigInt(i) });
const ints = (name: string, values: (number | bigint)[]) =>
  create(AttributeProtoSchema, { name, type: INTS, ints: values.map(BigInt) });
const float = (name: string, f: number) => create(AttributeProtoSchema, { name, type: FLOAT, f });
const held = (name: string, t: TensorProto) =>
  create(AttributeProtoSchema, { name, type: TENSOR, t });
const body = (name: string, g: GraphProto) =>
  create(AttributeProtoSchema, { name, type: GRAPH, g });
const node = (
  opType: string,
  input: string[],
  output: string[],
  attribute: AttributeProto[] = [],
  domain = '',
): NodeProto => create(NodeProtoSchema, { opType, input, output, attribute, domain });

const int64s = (name: string, values: (number | bigint)[], dims = [values.length]) =>
  create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.INT64,
    dims: dims.map(BigInt),
    int64Data: values.map(BigInt),
  });
const floats = (name: string, values: number[], dims = [values.length]) =>
  create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.FLOAT,
    dims: dims.map(BigInt),
    floatData: values,
  });
const bools = (name: string, value: boolean) =>
  create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.BOOL,
    dims: [],
    int32Data: [value ? 1 : 0],
  });
const sparse = (side: bigint) =>
  create(SparseTensorProtoSchema, {
    values: floats('sparse', [1]),
    indices: int64s('sparse_at', [0]),
    dims: [side],
  });

/** A graph that gives a constant `float` scalar named `result`, from nodes and tensors of its own. */
const inner = (nodes: NodeProto[], tensors: TensorProto[] = []): GraphProto =>
  create(GraphProtoSchema, {
    name: 'inner',
    node: nodes,
    initializer: tensors,
    output: [valueInfo('result', 'FLOAT', [])],
  });

/** The number of the field that holds a graph in an attribute. */
const GRAPH_FIELD = 6;

/** The same as `body`, as bytes already: to write a thousand graphs, one in the other, takes more stack than there is. */
function writtenBody(name: string, graph: GraphProto): AttributeProto {
  const data = new BinaryWriter().bytes(toBinary(GraphProtoSchema, graph)).finish();
  const attribute = create(AttributeProtoSchema, { name, type: GRAPH });
  attribute.$unknown = [{ no: GRAPH_FIELD, wireType: WireType.LengthDelimited, data }];
  return attribute;
}

function ifs(depth: number): GraphProto {
  const innermost = inner([node('Identity', ['h_zero'], ['result'])]);
  let graph = innermost;
  for (let i = 0; i < depth; i++) {
    // A graph that is nested in both branches would double with every level.
    const branches = [writtenBody('then_branch', graph), body('else_branch', innermost)];
    graph = inner([node('If', ['h_true'], ['result'], branches)]);
  }
  return graph;
}

/** A body of Loop that goes on for ever; `grow` doubles what it carries. */
function endless(grow: boolean): GraphProto {
  return create(GraphProtoSchema, {
    name: 'endless',
    input: [
      valueInfo('l_i', 'INT64', []),
      valueInfo('l_go', 'INT64', []),
      valueInfo('l_carried', 'FLOAT', ['n']),
    ],
    node: [
      node('Identity', ['h_true'], ['l_on']),
      node(
        'Concat',
        grow ? ['l_carried', 'l_carried'] : ['l_carried'],
        ['l_out'],
        [int('axis', 0)],
      ),
    ],
    output: [valueInfo('l_on', 'INT64', []), valueInfo('l_out', 'FLOAT', [grow ? 'm' : 'n'])],
  });
}

/** Adds nodes and tensors to a graph, and has its output wait for the scalar `h_done` that they make. */
type Change = (graph: GraphProto, victim: Victim) => void;

/** `extra` is added to the output as a number, so that nothing of it is left out. */
function alsoComputing(nodes: NodeProto[], tensors: TensorProto[] = []): Change {
  return (graph, { output }) => {
    renameOutput(graph, output);
    graph.initializer.push(
      floats('h_zero', [0], []),
      floats('h_one', [1], [1]),
      bools('h_true', true),
      ...tensors,
    );
    graph.node.push(
      ...nodes,
      node('Cast', ['h_done'], ['h_float'], [int('to', TensorProto_DataType.FLOAT)]),
      node('Mul', ['h_float', 'h_zero'], ['h_nothing']),
      node('Add', ['h_before', 'h_nothing'], [output]),
    );
  };
}

function renameOutput(graph: GraphProto, output: string, to = 'h_before'): void {
  for (const one of graph.node) {
    one.output = one.output.map((name) => (name === output ? to : name));
  }
}

/** Puts `nodes` between what the graph gives and its output; they read `h_before`. */
function instead(nodes: (output: string) => NodeProto[], tensors: TensorProto[] = []): Change {
  return (graph, { output }) => {
    renameOutput(graph, output);
    graph.initializer.push(...tensors);
    graph.node.push(...nodes(output));
  };
}

const cast =
  (type: keyof typeof TensorProto_DataType): Change =>
  (graph, victim) => {
    instead((output) => [
      node('Cast', ['h_before'], [output], [int('to', TensorProto_DataType[type] as number)]),
    ])(graph, victim);
    const value = graph.output.find(({ name }) => name === victim.output);
    if (value?.type?.value.case === 'tensorType') {
      value.type.value.value.elemType = TensorProto_DataType[type] as number;
    }
  };

/** All numbers of the output are `value`. */
const always = (value: number): Change =>
  instead(
    (output) => [
      node('Mul', ['h_before', 'h_zero'], ['h_zeros']),
      node('Add', ['h_zeros', 'h_value'], [output]),
    ],
    [floats('h_zero', [0], []), floats('h_value', [value], [])],
  );

const chain = (count: number, first: string, link: (from: string, to: string) => NodeProto) => {
  const nodes = Array.from({ length: count }, (_, i) =>
    link(i === 0 ? first : `h_link${i - 1}`, `h_link${i}`),
  );
  return [...nodes, node('ReduceMax', [`h_link${count - 1}`], ['h_done'], [int('keepdims', 0)])];
};
const twice = (from: string, to: string) => node('Concat', [from, from], [to], [int('axis', 0)]);
const reduced = (name: string) => node('ReduceMax', [name], ['h_done'], [int('keepdims', 0)]);
/** The number of ids that are fed, times a number, as a shape [1]. */
const fedTimes = (input: string, times: bigint) => ({
  nodes: [node('Size', [input], ['h_size']), node('Mul', ['h_size', 'h_times'], ['h_shape'])],
  tensors: [int64s('h_times', [times], [1])],
});

const external = (facts: Record<string, string>, sides: number[] = [4]): TensorProto =>
  create(TensorProtoSchema, {
    name: 'h_external',
    dataType: TensorProto_DataType.FLOAT,
    dims: sides.map(BigInt),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(facts).map(([key, value]) => ({ key, value })),
  });
const reading = (tensor: TensorProto): Change => alsoComputing([reduced('h_external')], [tensor]);

/** Products of the square matrix that `source` gives, so many one behind another. */
function products(count: number, source: NodeProto[]): NodeProto[] {
  return [
    ...source,
    ...chain(count, 'h_square', (from, to) => node('MatMul', [from, 'h_square'], [to])),
  ];
}

/** Each kind of hostile graph by its name. */
function changes(input: string): Record<string, Change> {
  const grown = (times: bigint) => {
    const { nodes, tensors } = fedTimes(input, times);
    return alsoComputing(
      [...nodes, node('ConstantOfShape', ['h_shape'], ['h_big']), reduced('h_big')],
      tensors,
    );
  };
  const constantOf = (count: bigint) =>
    alsoComputing(
      [node('ConstantOfShape', ['h_shape'], ['h_big']), reduced('h_big')],
      [int64s('h_shape', [count])],
    );
  const looping = (grow: boolean, steps: string) =>
    alsoComputing(
      [
        node('Loop', [steps, 'h_true', 'h_one'], ['h_looped'], [body('body', endless(grow))]),
        reduced('h_looped'),
      ],
      [int64s('h_steps', [9_000_000_000_000_000n], [])],
    );
  return {
    'sparse tensor of 4·10⁸': (graph) => graph.sparseInitializer.push(sparse(400_000_000n)),
    'sparse tensor of 4·10⁹': (graph) => graph.sparseInitializer.push(sparse(4_000_000_000n)),
    'sparse constant': alsoComputing([
      create(NodeProtoSchema, {
        opType: 'Constant',
        output: ['h_sparse'],
        attribute: [
          create(AttributeProtoSchema, {
            name: 'sparse_value',
            type: AttributeProto_AttributeType.SPARSE_TENSOR,
            sparseTensor: sparse(400_000_000n),
          }),
        ],
      }),
      reduced('h_sparse'),
    ]),
    'endless loop': looping(false, 'h_steps'),
    'endless loop without a bound': looping(false, ''),
    'doubling loop': looping(true, 'h_steps'),
    'constant of 16 GiB': constantOf(2n ** 32n),
    'constant of 2 GiB': constantOf(2n ** 29n),
    'constant of 2⁶² numbers': constantOf(2n ** 62n),
    'ten constants of 200 MiB at once': alsoComputing(
      [
        ...Array.from({ length: 10 }, (_, i) =>
          node('ConstantOfShape', ['h_shape'], [`h_big${i}`]),
        ),
        node(
          'Sum',
          Array.from({ length: 10 }, (_, i) => `h_big${i}`),
          ['h_sum'],
        ),
        reduced('h_sum'),
      ],
      [int64s('h_shape', [50_000_000])],
    ),
    'numbers by the length of the prompt, 16 GiB': grown(2n ** 32n),
    'numbers by the length of the prompt, 2 GiB': grown(2n ** 29n),
    'numbers by the length of the prompt, in steps': (() => {
      const { nodes, tensors } = fedTimes(input, 2_000_000n);
      const parts = Array.from({ length: 40 }, (_, i) =>
        node('ConstantOfShape', ['h_shape'], [`h_big${i}`]),
      );
      return alsoComputing(
        [
          ...nodes,
          ...parts,
          node(
            'Sum',
            parts.flatMap(({ output }) => output),
            ['h_sum'],
          ),
          reduced('h_sum'),
        ],
        tensors,
      );
    })(),
    'expanded to a terabyte': alsoComputing(
      [node('Expand', ['h_one', 'h_shape'], ['h_big']), reduced('h_big')],
      [int64s('h_shape', [2n ** 38n])],
    ),
    'tiled to a terabyte': alsoComputing(
      [node('Tile', ['h_one', 'h_shape'], ['h_big']), reduced('h_big')],
      [int64s('h_shape', [2n ** 38n])],
    ),
    'constant doubled forty times': alsoComputing(chain(40, 'h_one', twice)),
    'prompt doubled forty times': alsoComputing(
      [node('Reshape', [input, 'h_flat'], ['h_ids']), ...chain(40, 'h_ids', twice)],
      [int64s('h_flat', [-1])],
    ),
    'range of 10¹²': alsoComputing(
      [node('Range', ['h_from', 'h_to', 'h_by'], ['h_big']), reduced('h_big')],
      [int64s('h_from', [0], []), int64s('h_to', [10n ** 12n], []), int64s('h_by', [1], [])],
    ),
    'range by the length of the prompt': alsoComputing(
      [
        node('Size', [input], ['h_size']),
        node('Mul', ['h_size', 'h_times'], ['h_to']),
        node('Range', ['h_from', 'h_to', 'h_by'], ['h_big']),
        reduced('h_big'),
      ],
      [int64s('h_from', [0], []), int64s('h_by', [1], []), int64s('h_times', [2n ** 33n], [])],
    ),
    'padded to a terabyte': alsoComputing(
      [node('Pad', ['h_one', 'h_pads'], ['h_big']), reduced('h_big')],
      [int64s('h_pads', [0, 2n ** 38n])],
    ),
    'one-hot of 10¹⁰': alsoComputing(
      [node('OneHot', ['h_at', 'h_depth', 'h_values'], ['h_big']), reduced('h_big')],
      [int64s('h_at', [1]), int64s('h_depth', [10n ** 10n], []), floats('h_values', [0, 1])],
    ),
    'random numbers, 16 GiB': alsoComputing([
      node('RandomNormal', [], ['h_big'], [ints('shape', [2n ** 32n])]),
      reduced('h_big'),
    ]),
    'outer product of 10⁵ by 10⁵': alsoComputing(
      [
        node('ConstantOfShape', ['h_column_shape'], ['h_column']),
        node('ConstantOfShape', ['h_row_shape'], ['h_row']),
        node('MatMul', ['h_column', 'h_row'], ['h_big']),
        reduced('h_big'),
      ],
      [int64s('h_column_shape', [100_000, 1]), int64s('h_row_shape', [1, 100_000])],
    ),
    'forty large products of constants': alsoComputing(
      products(40, [node('ConstantOfShape', ['h_shape'], ['h_square'])]),
      [int64s('h_shape', [4096, 4096])],
    ),
    'forty large products when it runs': alsoComputing(
      products(40, [
        node('Size', [input], ['h_size']),
        node('Mul', ['h_size', 'h_none'], ['h_nothing_of']),
        node('Add', ['h_nothing_of', 'h_side'], ['h_shape']),
        node('ConstantOfShape', ['h_shape'], ['h_square']),
      ]),
      [int64s('h_none', [0], [1]), int64s('h_side', [4096, 4096])],
    ),
    'window padded by 2³¹': alsoComputing(
      [
        node('ConstantOfShape', ['h_shape'], ['h_signal']),
        node(
          'MaxPool',
          ['h_signal'],
          ['h_pooled'],
          [ints('kernel_shape', [2 ** 31 - 1]), ints('strides', [2 ** 31])],
        ),
        reduced('h_pooled'),
      ],
      [int64s('h_shape', [1, 1, 16])],
    ),
    'unknown operator': alsoComputing([node('Explode', ['h_one'], ['h_done'])]),
    'unknown domain': alsoComputing([
      node('Add', ['h_one', 'h_one'], ['h_done'], [], 'evil.example'),
    ]),
    'operator without a name': alsoComputing([node('', ['h_one'], ['h_done'])]),
    'operator with escape sequences': alsoComputing([
      node('\u001b[31mRed\nline', ['h_one'], ['h_done']),
    ]),
    'tensor of another size than its shape': reading(floats('h_external', [1, 2, 3], [4])),
    'tensor of a negative side': reading(floats('h_external', [1], [-1])),
    'tensor of 2⁶² numbers': reading(floats('h_external', [1], [2 ** 31, 2 ** 31])),
    'tensor of an unknown type': reading(
      create(TensorProtoSchema, {
        name: 'h_external',
        dataType: 99,
        dims: [1n],
        rawData: new Uint8Array(4),
      }),
    ),
    'weights at an absolute path': reading(external({ location: '/etc/hostname', length: '16' })),
    'weights outside the folder': reading(external({ location: '../../secret.bin', length: '16' })),
    'weights in a file that is not listed': reading(
      external({ location: 'unlisted.bin', length: '16' }),
    ),
    'weights beyond the end of a file': reading(
      external({ location: 'neighbours.bin', offset: '1000000000', length: '16' }),
    ),
    'weights in memory': reading(
      external({ location: '*/_ORT_MEM_ADDR_/*', offset: '4096', length: '16' }),
    ),
    cycle: alsoComputing([
      node('Add', ['h_round', 'h_one'], ['h_done']),
      node('Identity', ['h_done'], ['h_round']),
    ]),
    'name given twice': alsoComputing([
      node('Identity', ['h_one'], ['h_done']),
      node('Identity', ['h_one'], ['h_done']),
    ]),
    'input of nowhere': alsoComputing([node('Identity', ['h_nowhere'], ['h_done'])]),
    'sixty thousand nodes': alsoComputing(
      chain(60_000, 'h_one', (from, to) => node('Identity', [from], [to])),
    ),
    'name of a million letters': alsoComputing([
      node('Identity', ['h_one'], ['x'.repeat(1_000_000)]),
      node('Identity', ['x'.repeat(1_000_000)], ['h_done']),
    ]),
    'division by nothing': alsoComputing(
      [node('Div', [input, 'h_none'], ['h_divided']), reduced('h_divided')],
      [int64s('h_none', [0], [])],
    ),
    'remainder of nothing': alsoComputing(
      [node('Mod', [input, 'h_none'], ['h_divided']), reduced('h_divided')],
      [int64s('h_none', [0], [])],
    ),
    'index beyond the end': alsoComputing(
      [node('Gather', ['h_one', 'h_at'], ['h_got']), reduced('h_got')],
      [int64s('h_at', [2n ** 40n])],
    ),
    'index beyond the end when it runs': alsoComputing(
      [
        node('Size', [input], ['h_size']),
        node('Mul', ['h_size', 'h_times'], ['h_at']),
        node('Gather', ['h_one', 'h_at'], ['h_got']),
        reduced('h_got'),
      ],
      [int64s('h_times', [1_000_000_007], [1])],
    ),
    'most of more than there are': alsoComputing(
      [node('TopK', ['h_one', 'h_count'], ['h_top', 'h_top_at']), reduced('h_top')],
      [int64s('h_count', [2n ** 40n])],
    ),
    'shape that does not fit': alsoComputing(
      [node('Reshape', ['h_one', 'h_shape'], ['h_shaped']), reduced('h_shaped')],
      [int64s('h_shape', [7, 11])],
    ),
    'no output of that name': (graph, { output }) => {
      for (const value of graph.output) if (value.name === output) value.name = 'h_elsewhere';
      renameOutput(graph, output);
      graph.node.push(node('Identity', ['h_before'], ['h_elsewhere']));
    },
    'no input of that name': (graph, { input: name }) => {
      for (const value of graph.input) if (value.name === name) value.name = 'h_other';
      for (const one of graph.node) {
        one.input = one.input.map((from) => (from === name ? 'h_other' : from));
      }
    },
    'an input more': (graph, victim) => {
      graph.input.push(valueInfo('h_more', 'FLOAT', []));
      alsoComputing([node('Identity', ['h_more'], ['h_done'])])(graph, victim);
    },
    'output of type double': cast('DOUBLE'),
    'output of type half': cast('FLOAT16'),
    'output of type int32': cast('INT32'),
    'output of type int64': cast('INT64'),
    'output of type bool': cast('BOOL'),
    'output of type string': cast('STRING'),
    'output twice as long': instead((output) => [
      node('Concat', ['h_before', 'h_before'], [output], [int('axis', 1)]),
    ]),
    'output of one number': instead((output) => [
      node('ReduceMax', ['h_before'], [output], [int('keepdims', 1)]),
    ]),
    NaN: always(Number.NaN),
    infinity: always(Number.POSITIVE_INFINITY),
    'minus infinity': always(Number.NEGATIVE_INFINITY),
    'If nested 8 deep around NaN': (graph, victim) => {
      alsoComputing([
        node(
          'If',
          ['h_true'],
          ['h_done'],
          [body('then_branch', ifs(7)), body('else_branch', ifs(0))],
        ),
      ])(graph, victim);
      renameOutput(graph, victim.output, 'h_whole');
      graph.initializer.push(floats('h_nan', [Number.NaN], []));
      graph.node.push(node('Add', ['h_whole', 'h_nan'], [victim.output]));
    },
    ...Object.fromEntries(
      [9, 30, 45, 50, 100, 1000].map((depth) => [
        `If nested ${depth} deep`,
        alsoComputing([
          node(
            'If',
            ['h_true'],
            ['h_done'],
            [body('then_branch', ifs(depth)), body('else_branch', ifs(0))],
          ),
        ]),
      ]),
    ),
    'exponential of a thousand': instead(
      (output) => [
        node('Add', ['h_before', 'h_thousand'], ['h_more']),
        node('Exp', ['h_more'], [output]),
      ],
      [floats('h_thousand', [1000], [])],
    ),
    scan: alsoComputing([
      node(
        'Scan',
        ['h_one'],
        ['h_scanned'],
        [
          int('num_scan_inputs', 1),
          body(
            'body',
            create(GraphProtoSchema, {
              name: 'scanned',
              input: [valueInfo('s_in', 'FLOAT', [])],
              node: [node('Identity', ['s_in'], ['s_out'])],
              output: [valueInfo('s_out', 'FLOAT', [])],
            }),
          ),
        ],
      ),
      reduced('h_scanned'),
    ]),
    'graph given to an operator that takes none': alsoComputing([
      node('Identity', ['h_one'], ['h_done'], [body('body', ifs(0)), float('alpha', 1)]),
    ]),
    'constant of a tensor that is too short': alsoComputing([
      node('Constant', [], ['h_held'], [held('value', floats('', [1, 2], [3]))]),
      reduced('h_held'),
    ]),
  };
}

/** Changes of the model around the graph, and what is no model at all. */
function others({ bytes }: Victim): Record<string, Uint8Array> {
  const changed = (change: (model: ModelProto) => void) => {
    const model = fromBinary(ModelProtoSchema, bytes);
    change(model);
    return toBinary(ModelProtoSchema, model);
  };
  const ownForm = Buffer.from(bytes);
  ownForm.write('ORTM', 4, 'latin1');
  return {
    nothing: new Uint8Array(0),
    text: Buffer.from('This is no graph.\n'.repeat(100)),
    'random bytes': Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 255),
    'half a file': bytes.slice(0, bytes.length >> 1),
    'ONNX Runtime’s own form': ownForm,
    'no graph': changed((model) => {
      model.graph = undefined;
    }),
    'a newer format': changed((model) => {
      model.irVersion = 999n;
    }),
    'newer operators': changed((model) => {
      model.opsetImport[0].version = 999n;
    }),
    'functions of its own': changed((model) => {
      model.functions.push(
        create(FunctionProtoSchema, {
          name: 'Again',
          domain: 'evil',
          output: ['y'],
          node: [node('Again', [], ['y'], [], 'evil')],
          opsetImport: model.opsetImport,
        }),
      );
    }),
    training: changed((model) => {
      model.trainingInfo.push(create(TrainingInfoProtoSchema, {}));
    }),
  };
}

/** What is wrong with a target alone, and with a codec alone. A draft that always ends only drafts nothing. */
function changesOf({ kind }: Victim): Record<string, Change> {
  if (kind === 'codec') return { silence: always(0), '10³⁰': always(1e30) };
  if (kind === 'draft') return {};
  return {
    'an end at once': (graph, victim) => {
      const loudest = Array.from({ length: victim.vocabularySize }, (_, token) =>
        token === victim.endOfSpeech ? 1000 : 0,
      );
      instead(
        (output) => [node('Add', ['h_before', 'h_end'], [output])],
        [floats('h_end', loudest)],
      )(graph, victim);
    },
  };
}

/** Every kind of hostile graph that this victim can be replaced by. */
export function hostileGraphs(victim: Victim): HostileGraph[] {
  const all = { ...changes(victim.input), ...changesOf(victim) };
  const changed = Object.entries(all).map(([name, change]) => {
    const model = fromBinary(ModelProtoSchema, victim.bytes);
    if (!model.graph) throw new Error('The victim holds no graph.');
    change(model.graph, victim);
    return { name, bytes: toBinary(ModelProtoSchema, model) };
  });
  const whole = Object.entries(others(victim)).map(([name, bytes]) => ({ name, bytes }));
  return [...whole, ...changed];
}
