import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { source } from '../testing/changed-decoder';
import { hostileGraphs } from '../testing/hostile-graphs';
import { syntheticDecoder, VOCABULARY } from '../testing/synthetic-pack';
import { objectionToGraph } from './scan-graph';

const LISTED = new Map([['neighbours.bin', 1000]]);

describe('a scan', () => {
  it.each([
    'models/default/target.onnx',
    'models/default/draft.onnx',
    'models/default/codec_decoder.onnx',
    'models/codec_encoder.onnx',
    'tests/data/synthetic-decoder.onnx',
    'tests/data/synthetic-codec.onnx',
  ])('finds nothing wrong with %s', (file) => {
    const path = new URL(`../../../${file}`, import.meta.url);
    expect(objectionToGraph(readFileSync(path), LISTED)).toBeNull();
  });

  const { inputIds: input, logits: output } = syntheticDecoder.names;
  const victim = {
    kind: 'target',
    bytes: source,
    input,
    output,
    vocabularySize: VOCABULARY,
    endOfSpeech: 0,
  } as const;
  const hostile = new Map(hostileGraphs(victim).map(({ name, bytes }) => [name, bytes]));

  it.each([
    ['random bytes', 'is not a whole ONNX graph'],
    ['ONNX Runtime’s own form', 'is in a form that Timbrel does not open'],
    ['no graph', 'holds no graph'],
    ['functions of its own', 'defines functions of its own'],
    ['training', 'holds graphs for training'],
    ['sparse tensor of 4·10⁹', 'holds sparse tensors'],
    ['sparse constant', 'holds sparse tensors'],
    ['endless loop', 'uses Loop, which can run for ever'],
    ['scan', 'uses Scan, which can run for ever'],
    ['constant of 16 GiB', 'asks ConstantOfShape for more numbers than a speech model needs'],
    ['ten constants of 200 MiB at once', 'makes too many numbers out of its constants'],
    ['constant doubled forty times', 'makes too many numbers out of its constants'],
    ['outer product of 10⁵ by 10⁵', 'makes too many numbers out of its constants by MatMul'],
    ['expanded to a terabyte', 'asks Expand for more numbers than a speech model needs'],
    ['range of 10¹²', 'asks Range for more numbers than a speech model needs'],
    ['window padded by 2³¹', 'moves a window of MaxPool too far'],
    ['unknown operator', 'uses the operator Explode, which Timbrel does not run'],
    ['unknown domain', 'uses the operator evil.example.Add, which Timbrel does not run'],
    ['tensor of a negative side', 'holds the tensor h_external of an impossible shape'],
    [
      'weights in a file that is not listed',
      'keeps the tensor h_external in unlisted.bin, which the pack does not list',
    ],
    [
      'weights beyond the end of a file',
      'expects other bytes of the tensor h_external than neighbours.bin holds',
    ],
    ['sixty thousand nodes', 'has more than 50000 nodes'],
    ['If nested 9 deep', 'nests graphs deeper than 8'],
    ['If nested 1000 deep', 'is not a whole ONNX graph'],
    ['graph given to an operator that takes none', 'gives Identity a graph of its own'],
  ])('refuses %s', (name, objection) => {
    expect(objectionToGraph(hostile.get(name) as Uint8Array, LISTED)).toBe(objection);
  });
});
