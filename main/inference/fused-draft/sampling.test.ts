import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { Context } from '../../decoding/context';
import { drawFrom } from '../../decoding/distribution';
import { Processor, type ProcessorSettings } from '../../decoding/processors';
import { seededUniform } from '../../decoding/random';
import { GraphWriter, valueInfo } from '../graph-writer';
import { InferenceSession, Tensor } from '../onnxruntime';
import {
  type Sampling,
  SamplingWriter,
  SETTING_INPUTS,
  samplingFor,
  settingNames,
  settingValues,
} from './sampling';

const V = 257;

/** The sampling of one step as a graph of its own. */
async function graphOf(sampling: Sampling, opset: number): Promise<InferenceSession> {
  const writer = new GraphWriter('sampling/');
  const { q, token } = new SamplingWriter(writer, sampling, V, opset).step(
    'logits',
    'uniform',
    'said',
    'FLOAT',
  );
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: {
      name: 'sampling',
      node: writer.nodes,
      initializer: [...writer.constants.values()],
      input: [
        valueInfo('logits', 'FLOAT', [V]),
        valueInfo('uniform', sampling.arithmetic, [1]),
        valueInfo('said', 'FLOAT', [V]),
        ...settingNames(sampling).map((name) =>
          valueInfo(
            SETTING_INPUTS[name],
            name === 'lastOfTopK' ? 'INT32' : sampling.arithmetic,
            [1],
          ),
        ),
      ],
      output: [valueInfo(q, 'FLOAT', [V]), valueInfo(token, 'INT32', [1])],
    },
  });
  return InferenceSession.create(toBinary(ModelProtoSchema, model));
}

async function sampled(
  session: InferenceSession,
  sampling: Sampling,
  settings: ProcessorSettings,
  logits: Float32Array,
  said: Iterable<number>,
  uniform: number,
): Promise<{ q: Float32Array; token: number }> {
  const wide = sampling.arithmetic === 'DOUBLE';
  const number = (value: number) =>
    wide
      ? new Tensor('float64', Float64Array.of(value), [1])
      : new Tensor('float32', Float32Array.of(value), [1]);
  const mask = new Float32Array(V);
  for (const token of said) mask[token] = 1;
  const feeds: Record<string, Tensor> = {
    logits: new Tensor('float32', logits, [V]),
    uniform: number(uniform),
    said: new Tensor('float32', mask, [V]),
  };
  const values = settingValues(settings, sampling);
  for (const name of settingNames(sampling)) {
    feeds[SETTING_INPUTS[name]] =
      name === 'lastOfTopK'
        ? new Tensor('int32', Int32Array.of(values[name]), [1])
        : number(values[name]);
  }
  const outputs = await session.run(feeds);
  const [q, token] = session.outputNames.map((name) => outputs[name].data);
  return { q: q as Float32Array, token: (token as Int32Array)[0] };
}

/** Logits of several kinds; whole ones tie often, also where top-k and top-p cut. */
function logitsOf(kind: string, seed: number): Float32Array {
  const uniform = seededUniform(seed);
  const spread = { smooth: 12, ties: 4, peaked: 400, flat: 0 }[kind] as number;
  return Float32Array.from({ length: V }, () => {
    const logit = (uniform() - 0.5) * spread;
    return kind === 'ties' ? Math.round(logit) : logit;
  });
}

const SETTINGS: ProcessorSettings[] = [
  { temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1 },
  { temperature: 1.7, topK: 0, topP: 1, repetitionPenalty: 1.4 },
  { temperature: 1, topK: 20, topP: 1, repetitionPenalty: 1 },
  { temperature: 1, topK: 1, topP: 1, repetitionPenalty: 1 },
  { temperature: 1, topK: V, topP: 0.9, repetitionPenalty: 1 },
  { temperature: 0.7, topK: 0, topP: 0.9, repetitionPenalty: 1 },
  { temperature: 0.7, topK: 0, topP: 0.02, repetitionPenalty: 1 },
  { temperature: 0.5, topK: 50, topP: 0.6, repetitionPenalty: 1.2 },
];
const SAID = [3, 90, 91, 256];
const NUMBERS = [0, 1e-12, 0.1, 0.35, 0.5, 0.77, 0.999, 1 - 2 ** -53];

describe('sampling in a graph', () => {
  for (const opset of [13, 17, 18]) {
    it.each(SETTINGS)(
      `equals the script bit for bit in double precision, opset ${opset}: %j`,
      async (settings) => {
        const sampling: Sampling = { ...samplingFor(settings, V), arithmetic: 'DOUBLE' };
        const session = await graphOf(sampling, opset);
        const processor = new Processor(settings, V);
        const context = new Context([1]);
        for (const token of SAID) context.push(token);
        const expected = new Float32Array(V);
        for (const kind of ['smooth', 'ties', 'peaked', 'flat']) {
          for (const [seed, uniform] of NUMBERS.entries()) {
            const logits = logitsOf(kind, seed);
            processor.distribution(logits, 0, context, expected);
            const given = await sampled(session, sampling, settings, logits, SAID, uniform);
            expect(given.q).toEqual(expected);
            expect(given.token).toBe(drawFrom(expected, uniform));
          }
        }
        await session.release();
      },
    );
  }

  it.each(SETTINGS)('keeps to the same tokens in single precision: %j', async (settings) => {
    const sampling: Sampling = { ...samplingFor(settings, V), arithmetic: 'FLOAT' };
    const session = await graphOf(sampling, 17);
    const processor = new Processor(settings, V);
    const context = new Context([1]);
    for (const token of SAID) context.push(token);
    const expected = new Float32Array(V);
    for (const [seed, uniform] of NUMBERS.entries()) {
      const logits = logitsOf('smooth', seed);
      processor.distribution(logits, 0, context, expected);
      const given = await sampled(session, sampling, settings, logits, SAID, uniform);
      given.q.forEach((mass, t) => {
        expect(mass === 0).toBe(expected[t] === 0);
        expect(Math.abs(mass - expected[t])).toBeLessThan(2e-7);
      });
      expect(given.token).toBe(drawFrom(expected, uniform));
    }
    await session.release();
  });
});
