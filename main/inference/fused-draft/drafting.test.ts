import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { expect, it, onTestFinished } from 'vitest';
import { SmallModelDrafter } from '../../decoding/drafter';
import { Processor, type ProcessorSettings } from '../../decoding/processors';
import { GraphModel } from '../graph-model';
import { syntheticDecoder, VOCABULARY } from '../testing/synthetic-pack';
import { Drafting, sentenceOf } from './drafting';
import { FusedDrafter } from './fused-drafter';

const SETTINGS: ProcessorSettings = { temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1 };

async function open(graph = syntheticDecoder) {
  const model = await GraphModel.open(graph, VOCABULARY, { device: 'cpu', threads: 1 });
  const drafting = new Drafting(model, VOCABULARY - 1);
  onTestFinished(async () => {
    await drafting.release();
    await model.release();
  });
  return { model, drafting };
}

it('takes the faster way of drafting for each lookahead, and leaves the caches empty', async () => {
  const { model, drafting } = await open();
  for (const lookahead of [2, 6, 2]) await drafting.prepare(lookahead, SETTINGS);
  expect(drafting.choices.map(({ lookahead }) => lookahead)).toEqual([2, 6]);
  for (const { fused, fusedMs, stepwiseMs, objection } of drafting.choices) {
    expect(objection).toBeNull();
    expect(fused).toBe((fusedMs as number) < (stepwiseMs as number));
  }
  expect(model.length).toBe(0);
});

it('tries anew for other processors, but not for other values of the same', async () => {
  const { drafting } = await open();
  await drafting.prepare(2, SETTINGS);
  const [first] = drafting.choices;
  await drafting.prepare(2, { ...SETTINGS, temperature: 1.2 });
  expect(drafting.choices).toEqual([first]);
  await drafting.prepare(3, { ...SETTINGS, topP: 0.9 });
  expect(drafting.choices.map(({ lookahead }) => lookahead)).toEqual([3]);
  const processor = new Processor({ ...SETTINGS, topP: 0.8 }, VOCABULARY);
  expect(drafting.drafter(processor, 3)).toBeInstanceOf(FusedDrafter);
  const other = new Processor(SETTINGS, VOCABULARY);
  expect(drafting.drafter(other, 3)).toBeInstanceOf(SmallModelDrafter);
});

it('drafts step by step at temperature 0, without a trial', async () => {
  const { drafting } = await open();
  const greedy = { ...SETTINGS, temperature: 0 };
  await drafting.prepare(3, greedy);
  expect(drafting.choices).toEqual([]);
  const processor = new Processor(greedy, VOCABULARY);
  expect(drafting.drafter(processor, 3)).toBeInstanceOf(SmallModelDrafter);
});

it('says why a graph that cannot be fused is drafted with step by step', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-draft-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const model = fromBinary(ModelProtoSchema, await readFile(syntheticDecoder.file));
  const weights = model.graph?.initializer.find(({ name }) => name === 'head');
  if (!weights) throw new Error('The synthetic decoder has no head.');
  await writeFile(join(folder, 'head.bin'), weights.rawData);
  weights.rawData = new Uint8Array();
  weights.dataLocation = TensorProto_DataLocation.EXTERNAL;
  const entry = { $typeName: 'onnx.StringStringEntryProto' as const };
  weights.externalData = [{ ...entry, key: 'location', value: 'head.bin' }];
  const file = join(folder, 'draft.onnx');
  await writeFile(file, toBinary(ModelProtoSchema, model));

  const { drafting } = await open({ ...syntheticDecoder, file });
  await drafting.prepare(3, SETTINGS);
  expect(drafting.choices.map(sentenceOf)).toEqual([
    'Drafts of 3 tokens are made step by step, for one call is not to be had. It keeps weights in a file beside it.',
  ]);
});

it('tells times and the other way', () => {
  const choice = { lookahead: 4, fused: true, fusedMs: 2.74, stepwiseMs: 2.98, objection: null };
  expect(sentenceOf(choice)).toBe(
    'Drafts of 4 tokens are made in one call, in 2.7 ms; step by step takes 3.0 ms.',
  );
  expect(sentenceOf({ ...choice, lookahead: 1, fused: false, fusedMs: 1.1, stepwiseMs: 1 })).toBe(
    'A draft of one token is made step by step, in 1.0 ms; one call takes 1.1 ms.',
  );
});
