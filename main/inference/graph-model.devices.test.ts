import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { acceptanceRule } from '../decoding/acceptance';
import { countRound, noCounts } from '../decoding/counters';
import { SmallModelDrafter } from '../decoding/drafter';
import { singletonGroups } from '../decoding/groups';
import { decode } from '../decoding/loop';
import type { Model } from '../decoding/model';
import { Processor } from '../decoding/processors';
import { seededUniform } from '../decoding/random';
import { divergence } from './agreement';
import { GraphModel } from './graph-model';
import { type DecoderGraph, PLAIN_USE } from './messages';
import { isSoftware, longestPass, notPresent, WAYS, type Way } from './testing/devices';
import { featurePair, WIDTH } from './testing/feature-pair';
import { syntheticDecoder, VOCABULARY } from './testing/synthetic-pack';

const open = (
  { device, gpu }: Pick<Way, 'device' | 'gpu'>,
  graph: DecoderGraph = syntheticDecoder,
) => GraphModel.open(graph, VOCABULARY, { device, threads: 1, gpu });
const said = Array.from({ length: 40 }, (_, i) => (i * 37 + 11) % VOCABULARY);

/** The same graph fed another token at every third position, so that its drafts are often refused. */
function misled(inner: GraphModel): Model {
  return {
    vocabularySize: VOCABULARY,
    maxLength: inner.maxLength,
    get length() {
      return inner.length;
    },
    forward: (tokens) => {
      const start = inner.length;
      return inner.forward(tokens.map((t, i) => ((start + i) % 3 === 0 ? (t + 1) % 96 : t)));
    },
    rollback: (length) => inner.rollback(length),
  };
}

/** Logits behind every token of `said`, each fed by itself from an empty cache. */
async function singleSteps(model: GraphModel): Promise<Float32Array[]> {
  model.rollback(0);
  const rows: Float32Array[] = [];
  for (const token of said) rows.push((await model.forward([token])).slice());
  return rows;
}

/** Logits behind every token, fed so many at a time. */
async function inLargePasses(
  model: GraphModel,
  tokens: number[],
  size: number,
): Promise<Float32Array> {
  const rows: number[] = [];
  for (let at = 0; at < tokens.length; at += size) {
    rows.push(...(await model.forward(tokens.slice(at, at + size))));
  }
  return Float32Array.from(rows);
}

function largestDifference(block: Float32Array, rows: Float32Array[]): number {
  const single = Float32Array.from(rows.flatMap((row) => [...row]));
  expect(block.length).toBe(single.length);
  return block.reduce((most, logit, i) => Math.max(most, Math.abs(logit - single[i])), 0);
}

describe.each(WAYS)('a decoder graph on $name', async (way) => {
  const { device } = way;
  const model = await open(way).catch((error) => notPresent(device, error));
  if (typeof model === 'string') return it('decodes', ({ skip }) => skip(model));
  afterAll(() => model.release());

  it('gives in blocks what it gives step by step', async () => {
    const rows = await singleSteps(model);
    for (const size of [2, 3, 5, 8, 16, 31, 40]) {
      if (size > longestPass(device)) continue;
      model.rollback(0);
      for (let i = 0; i < said.length; i += size) {
        const tokens = said.slice(i, i + size);
        const block = await model.forward(tokens);
        expect(largestDifference(block, rows.slice(i, i + size))).toBeLessThan(way.logits);
      }
    }
  });

  it('forgets what a rollback took, and overwrites it', async () => {
    const rows = await singleSteps(model);
    model.rollback(0);
    await model.forward(said.slice(0, 10));
    for (let length = 10; length < 34; length += 3) {
      // Wrong drafts, taken back, then the right tokens over them.
      await model.forward([5, 6, 7, 8]);
      model.rollback(length);
      expect(model.length).toBe(length);
      const block = await model.forward(said.slice(length, length + 3));
      expect(largestDifference(block, rows.slice(length, length + 3))).toBeLessThan(way.logits);
    }
  });

  it('keeps what its cache holds while that grows', async () => {
    const long = await open(way, { ...syntheticDecoder, maxLength: 320 });
    onTestFinished(() => long.release());
    const room = long.maxLength;
    const tokens = Array.from({ length: room - (room % 5) }, (_, i) => (i * 53 + 7) % VOCABULARY);
    const whole = await inLargePasses(long, tokens, Math.min(320, longestPass(device)));
    long.rollback(0);
    const rows: Float32Array[] = [];
    for (let at = 0; at < tokens.length; at += 5) {
      // Drafts that make it grow, taken back.
      if (at % 25 === 0 && at + 9 < tokens.length) {
        await long.forward([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        long.rollback(at);
      }
      rows.push((await long.forward(tokens.slice(at, at + 5))).slice());
    }
    expect(largestDifference(whole, rows)).toBeLessThan(way.logits);
    const tooMany = new Array<number>((room % 5) + 1).fill(1);
    await expect(long.forward(tooMany)).rejects.toThrow(
      `do not fit behind ${tokens.length} of ${room} positions`,
    );
  });

  it('notices another history: the logits depend on what the cache holds', async () => {
    const rows = await singleSteps(model);
    model.rollback(0);
    await model.forward([1, ...said.slice(1, 10)]);
    const row = await model.forward([said[10]]);
    expect(largestDifference(row, [rows[10]])).toBeGreaterThan(1e-2);
  });

  it('refuses to run past its cache', async () => {
    model.rollback(0);
    await model.forward(said);
    await expect(model.forward(said)).rejects.toThrow(
      `do not fit behind 40 of ${model.maxLength} positions`,
    );
    expect(model.length).toBe(40);
  });

  it('decodes greedily the same with drafts and without, refused ones included', async () => {
    const draft = await open(way);
    const processor = new Processor(
      { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 },
      VOCABULARY,
    );
    const rule = acceptanceRule('exact', singletonGroups(VOCABULARY), 0);
    const decodeWith = async (drafts: Model | null, lookahead: number) => {
      const tokens: number[] = [];
      const counters = noCounts();
      const drafter = drafts && new SmallModelDrafter(drafts, processor, -1, 8);
      for await (const round of decode({
        target: model,
        processor,
        speculation: drafter && { drafter, rule, lookahead },
        prompt: said.slice(0, 5),
        endOfSpeech: -1,
        uniform: seededUniform(1),
      })) {
        countRound(counters, round);
        tokens.push(...round.judged.filter((v) => v.accepted).map((v) => v.token));
        if (round.drawn) tokens.push(round.drawn.token);
      }
      return { tokens, counters };
    };
    const plain = await decodeWith(null, 0);
    expect(plain.tokens).toHaveLength(model.maxLength - 4);
    // Software takes ten seconds for all of them.
    for (const lookahead of isSoftware(device) ? [2, 8] : [1, 2, 3, 5, 8]) {
      const own = await decodeWith(draft, lookahead);
      expect(own.tokens).toEqual(plain.tokens);
      expect(own.counters.rejected).toBe(0);
      const other = await decodeWith(misled(draft), lookahead);
      expect(other.tokens).toEqual(plain.tokens);
      expect(other.counters.rejected).toBeGreaterThan(0);
    }
    await draft.release();
  });

  it('agrees with another instance on the CPU over the passage that devices are tried on', async () => {
    const reference = await open({ device: 'cpu', gpu: PLAIN_USE });
    const apart = await divergence(reference, model, (i, pass) => (i * 7 + pass) % 96);
    const other = await divergence(reference, model, (i) => (i * 7) % 96);
    for (const nats of [apart, other]) {
      // A prompt shows it where long passes are wrong, and captured ones are none.
      if (isSoftware(device) && !way.gpu.captured) expect(nats).toBeGreaterThan(1e-2);
      else expect(nats).toBeLessThan(way.nats);
    }
    await reference.release();
  });
});

describe('opening a graph', () => {
  it('that is not there names the file', async () => {
    const missing = { ...syntheticDecoder, file: '/nowhere/target.onnx' };
    await expect(
      GraphModel.open(missing, VOCABULARY, { device: 'cpu', threads: 1 }),
    ).rejects.toThrow(/^\/nowhere\/target\.onnx is missing/);
  });
});

describe.each(WAYS)('hidden states on $name', async (way) => {
  const pair = await featurePair();
  const models = await Promise.all(
    [pair.target, pair.draft].map((graph) => open(way, graph)),
  ).catch((error) => notPresent(way.device, error));
  afterAll(async () => {
    if (typeof models !== 'string') for (const model of models) await model.release();
    await pair.remove();
  });
  if (typeof models === 'string') return it('are given and read', ({ skip }) => skip(models));
  const rowsOf = (model: GraphModel, count: number) =>
    Array.from({ length: count }, (_, position) => model.hidden(position).slice());

  it('are those of single steps in blocks, and stay through a rollback', async () => {
    const [target] = models;
    await singleSteps(target);
    const expected = rowsOf(target, said.length);
    expect(expected[0]).toHaveLength(WIDTH);
    expect(expected[3]).not.toEqual(expected[4]);
    target.rollback(0);
    for (const at of [0, 20]) await target.forward(said.slice(at, at + 20));
    const all = (rows: Float32Array[]) => Float32Array.from(rows.flatMap((row) => [...row]));
    expect(largestDifference(all(rowsOf(target, said.length)), expected)).toBeLessThan(way.logits);
    target.rollback(30);
    await target.forward([1, 2]);
    expect(largestDifference(all(rowsOf(target, 30)), expected.slice(0, 30))).toBeLessThan(
      way.logits,
    );
    expect(target.hidden(31)).not.toEqual(expected[31]);
  });

  it('are read of the positions before, and zeros before the first', async () => {
    const [, draft] = models;
    const reads = {
      hidden: (position: number) => new Float32Array(WIDTH).fill(Math.cos(position)),
    };
    const forward = async (tokens: number[], given?: typeof reads) =>
      (await draft.forward(tokens, given)).slice();
    draft.rollback(0);
    const rows: Float32Array[] = [];
    for (const token of said.slice(0, 12)) rows.push(await forward([token], reads));
    draft.rollback(0);
    expect(largestDifference(await forward(said.slice(0, 12), reads), rows)).toBeLessThan(
      way.logits,
    );
    draft.rollback(0);
    expect(largestDifference(await forward(said.slice(0, 1)), rows.slice(0, 1))).toBeLessThan(
      way.logits,
    );
    expect(largestDifference(await forward(said.slice(1, 2)), rows.slice(1, 2))).toBeGreaterThan(
      0.1,
    );
  });
});
