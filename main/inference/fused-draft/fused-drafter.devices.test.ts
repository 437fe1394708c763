import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { acceptanceRule } from '../../decoding/acceptance';
import { type Drafter, SmallModelDrafter } from '../../decoding/drafter';
import { type Groups, groupsAt } from '../../decoding/groups';
import { type DecodedRound, decode } from '../../decoding/loop';
import type { Model } from '../../decoding/model';
import { buildNeighbours, decodeNeighbours } from '../../decoding/neighbours';
import { Processor, type ProcessorSettings } from '../../decoding/processors';
import { seededUniform } from '../../decoding/random';
import { GraphModel } from '../graph-model';
import type { DecoderGraph } from '../messages';
import { InferenceSession } from '../onnxruntime';
import type { Device } from '../session';
import { isSoftware, notPresent } from '../testing/devices';
import { featurePair } from '../testing/feature-pair';
import { syntheticDecoder, VOCABULARY } from '../testing/synthetic-pack';
import { FusedDrafter } from './fused-drafter';
import { FusedGraph } from './fused-graph';
import { type Sampling, samplingFor } from './sampling';
import { FUSED, unrollDraft } from './unroll';

const LOOKAHEADS = [1, 2, 3, 4, 5, 6, 7, 8];
const PLAIN: ProcessorSettings = { temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1 };

/** The graphs and groups that a test decodes with; two drafts, one for each way of drafting. */
type Bench = {
  target: Model;
  single: GraphModel;
  draft: GraphModel;
  groups: Groups;
  endOfSpeech: number;
  prompt: number[];
  /** Rounds to compare; a take that does not end before is left there. */
  rounds: number;
};

async function take(
  bench: Bench,
  drafter: Drafter,
  processor: Processor,
  { kind, lookahead, seed }: { kind: 'exact' | 'pcg'; lookahead: number; seed: number },
): Promise<DecodedRound[]> {
  const rounds: DecodedRound[] = [];
  const { target, prompt, endOfSpeech, groups } = bench;
  const rule = acceptanceRule(kind, groups, processor.settings.temperature);
  const speculation = { drafter, rule, lookahead };
  const uniform = seededUniform(seed);
  for await (const round of decode({
    target,
    processor,
    speculation,
    prompt,
    endOfSpeech,
    uniform,
  })) {
    // One call stands for several.
    rounds.push({ ...round, draftCalls: 0 });
    if (rounds.length === bench.rounds) break;
  }
  return rounds;
}

/** Ratios of p to q come from two programs on a GPU, which round differently; from one on the CPU. */
const MOST_APART = 1e-5;

/** Rounds whole: every token, verdict and ratio of p to q. */
function expectSame(given: DecodedRound[], expected: DecodedRound[], device: Device) {
  if (device === 'cpu') {
    expect(given).toEqual(expected);
    return;
  }
  const ratios = (rounds: DecodedRound[]) =>
    rounds.flatMap(({ judged }) => judged.flatMap(({ ratio, massRatio }) => [ratio, massRatio]));
  const withoutRatios = (rounds: DecodedRound[]) =>
    rounds.map((round) => ({
      ...round,
      judged: round.judged.map((verdict) => ({ ...verdict, ratio: 0, massRatio: 0 })),
    }));
  expect(withoutRatios(given)).toEqual(withoutRatios(expected));
  const theirs = ratios(expected);
  const apart = ratios(given).map(
    (ratio, i) => Math.abs(ratio - theirs[i]) / Math.max(1, theirs[i]),
  );
  expect(Math.max(0, ...apart)).toBeLessThan(MOST_APART);
}

async function expectSameTakes(
  bench: Bench,
  settings: ProcessorSettings,
  seeds: number[],
  {
    sampling = samplingFor(settings, bench.draft.vocabularySize),
    lookaheads = LOOKAHEADS,
  }: { sampling?: Omit<Sampling, 'arithmetic'>; lookaheads?: number[] } = {},
) {
  const { single, draft, endOfSpeech, target } = bench;
  const processor = new Processor(settings, draft.vocabularySize);
  const source = readFileSync(draft.graph.file);
  for (const lookahead of lookaheads) {
    const arithmetic = draft.device === 'cpu' ? 'DOUBLE' : 'FLOAT';
    const { givesRows } = draft;
    const plan = { lookahead, arithmetic, givesRows, ...sampling } as const;
    const graph = await FusedGraph.open(source, draft, plan);
    for (const seed of seeds) {
      for (const kind of ['exact', 'pcg'] as const) {
        const stepwise = new SmallModelDrafter(single, processor, endOfSpeech, lookahead, target);
        const expected = await take(bench, stepwise, processor, { kind, lookahead, seed });
        const own = new SmallModelDrafter(draft, processor, endOfSpeech, lookahead, target);
        const graphs = (most: number) => (most === lookahead ? graph : null);
        const drafter = new FusedDrafter(draft, graphs, own, settings, endOfSpeech, target);
        const given = await take(bench, drafter, processor, { kind, lookahead, seed });
        expectSame(given, expected, draft.device);
        expect(drafter.calls).toBeGreaterThan(own.calls);
      }
    }
    await graph.release();
  }
}

const SETTINGS: Record<string, ProcessorSettings> = {
  'the temperature alone': PLAIN,
  'top-k': { ...PLAIN, topK: 7 },
  'top-k of one': { ...PLAIN, topK: 1 },
  'top-p': { ...PLAIN, temperature: 1.1, topP: 0.9 },
  'a small top-p': { ...PLAIN, topP: 0.3 },
  'top-p within top-k': { ...PLAIN, topK: 30, topP: 0.8 },
  'a repetition penalty': { ...PLAIN, repetitionPenalty: 1.6 },
  'all of them': { temperature: 0.6, topK: 40, topP: 0.95, repetitionPenalty: 1.3 },
};

/** What small decoders with random weights are compared with. */
function syntheticBench([target, single, draft]: GraphModel[]): Bench {
  const tokens = VOCABULARY - 1;
  const values = Int8Array.from({ length: 4 * tokens }, (_, i) => ((i * 37) % 101) - 50);
  const groups = groupsAt(buildNeighbours({ tokens, width: 4, values }, 0.3), 0.6, VOCABULARY);
  const prompt = [5, 17, 40, 9, 90];
  const rounds = isSoftware(draft.device) ? 6 : 100;
  return { target, single, draft, groups, endOfSpeech: tokens, prompt, rounds };
}

describe.each(['cpu', 'webgpu'] as const)('drafting in one call on %s', async (device) => {
  const open = (graph: DecoderGraph) => GraphModel.open(graph, VOCABULARY, { device, threads: 1 });
  let reason = '';
  const openAll = (...graphs: DecoderGraph[]) =>
    Promise.all(graphs.map(open)).catch((error) => {
      reason = notPresent(device, error);
      return null;
    });
  const pair = await featurePair();
  const models = await openAll(syntheticDecoder, syntheticDecoder, syntheticDecoder);
  const readers = await openAll(pair.target, pair.draft, pair.draft);
  const seeds = isSoftware(device) ? [1] : [1, 2, 3];
  afterAll(async () => {
    for (const model of [...(models ?? []), ...(readers ?? [])]) await model.release();
    await pair.remove();
  });

  it.for(Object.entries(SETTINGS))(
    'gives the takes of single steps for every lookahead, with %s',
    async ([, settings], { skip }) => {
      if (!models) return skip(reason);
      await expectSameTakes(syntheticBench(models), settings, seeds);
    },
  );

  it.for(['the temperature alone', 'all of them'])(
    'gives the takes of single steps of a draft that reads features, with %s',
    async (name, { skip }) => {
      if (!readers) return skip(reason);
      const lookaheads = isSoftware(device) ? [1, 4] : LOOKAHEADS;
      await expectSameTakes(syntheticBench(readers), SETTINGS[name], seeds, { lookaheads });
    },
  );
});

it('drafts anew step by step where a nucleus has more tokens than the graph puts into order', async () => {
  const open = () => GraphModel.open(syntheticDecoder, VOCABULARY, { device: 'cpu', threads: 1 });
  const models = [await open(), await open(), await open()];
  const bench = { ...syntheticBench(models), prompt: [5, 17] };
  const sampling = { candidates: 24, penalises: false };
  await expectSameTakes(bench, { ...PLAIN, topP: 0.8 }, [1], { sampling });
  for (const model of models) await model.release();
});

describe('the default voice pack', () => {
  const folder = new URL('../../../models/default/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, folder));
  const pack = JSON.parse(read('pack.json').toString());
  const { vocabularySize, endOfSpeech, startOfSpeech, textBase } = pack.tokens;
  const graph = (name: string): DecoderGraph => {
    const decoder = pack.models[name];
    return { ...decoder, file: new URL(decoder.file, folder).pathname };
  };

  const ITS_OWN: ProcessorSettings = { ...PLAIN, ...pack.defaults };
  const EVERY_PROCESSOR = { temperature: 0.8, topK: 300, topP: 0.9, repetitionPenalty: 1.1 };

  it.for([
    ['cpu', 'its own settings', ITS_OWN],
    ['cpu', 'every processor', EVERY_PROCESSOR],
    ['webgpu', 'its own settings', ITS_OWN],
  ] as const)(
    'gets the same takes in one call a round on %s, with %s',
    async ([device, , settings], { skip }) => {
      const open = (name: string) =>
        GraphModel.open(graph(name), vocabularySize, { device, threads: 1 }).catch((error) =>
          skip(notPresent(device, error)),
        );
      const isSlow = isSoftware(device);
      // Which model judges the drafts does not matter, and the draft is the quicker one.
      const target = await open(isSlow ? 'draft' : 'target');
      const [single, draft] = [await open('draft'), await open('draft')];
      const { file, defaultTheta } = pack.neighbours;
      const groups = groupsAt(decodeNeighbours(read(file)), defaultTheta, vocabularySize);
      const symbols = Array.from({ length: isSlow ? 12 : 24 }, (_, i) => textBase + ((i * 7) % 40));
      const prompt = [...symbols, pack.voices[0].token, startOfSpeech];
      const rounds = isSlow ? 2 : 6;
      const bench = { target, single, draft, groups, endOfSpeech, prompt, rounds };
      await expectSameTakes(bench, settings, [1], { lookaheads: isSlow ? [2] : LOOKAHEADS });
      for (const model of [target, single, draft]) await model.release();
    },
  );

  it('drafts on a GPU without leaving one operator to the CPU', async ({ skip }) => {
    const source = read(pack.models.draft.file);
    for (const settings of [PLAIN, ITS_OWN, EVERY_PROCESSOR]) {
      const plan = { lookahead: 4, arithmetic: 'FLOAT', givesRows: false } as const;
      const sampling = samplingFor(settings, vocabularySize);
      const fused = unrollDraft(source, graph('draft'), vocabularySize, { ...plan, ...sampling });
      const session = await InferenceSession.create(fused, {
        executionProviders: ['webgpu'],
        logSeverityLevel: 4,
        // Opening fails where the GPU has no kernel for an operator.
        extra: { session: { disable_cpu_ep_fallback: '1' } },
      }).catch((error: Error) => {
        if (/adapter|Vulkan/.test(error.message)) return skip('webgpu is not present');
        throw error;
      });
      expect(session.outputNames).toContain(FUSED.tokens);
      await session.release();
    }
  });
});
