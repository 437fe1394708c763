import { type Groups, groupStatistics, groupsAt } from '../../main/decoding/groups';
import { Engine } from '../../main/inference/engine';
import type { SpeakResult } from '../../main/inference/messages';
import type { CodecLink } from '../../main/inference/remote-codec';
import type { Pack } from '../../main/packs/pack';
import { speakRequest } from '../../main/speak-request';
import { ReplayingPair } from '../replay/replay';
import { ringOf } from '../replay/ring';
import { SENTENCES } from '../sentences';
import { type Spread, spread } from '../summary';
import { pairOf, syntheticPair } from '../synthetic/pair';
import type { Place } from './places';
import { measurePasses, type TargetPasses } from './target-passes';
import { type Contestant, inTurns, type PlacedSample, type Progress } from './turns';

const POSITIONS = [50, 100, 200, 400, 700, 1000, 1400];
const VOCABULARIES = [4096, 8192, 16_384, 32_768, 65_536];
const GROUP_SIZES = [1, 3, 11, 31, 101, 301];
const TEXT_LENGTHS = [1, 2, 5, 10, 20, 50];
/** Of each replayed run. */
const TOKENS = 24;
const REPEATS = 3;
const LOOKAHEAD = 4;
const USUAL_GROUP_SIZE = 139;

/** Milliseconds a token, plainly and with PCG, where one thing grows. */
export type GrowthPoint = {
  at: number;
  plainMs: Spread;
  pcgMs: Spread;
  /** Time of a PCG token that no model takes. */
  scriptMs: Spread;
};

export type ThetaPoint = { codebook: number; meanGroupSize: number; ms: Spread };

export type TextPoint = {
  sentences: number;
  seconds: number;
  msPerToken: number;
  firstSoundMs: number | null;
  realTimeFactor: number;
};

export type Growth = {
  place: string;
  passes: TargetPasses;
  lookahead: number;
  position: GrowthPoint[];
  vocabulary: GrowthPoint[];
  groupSize: GrowthPoint[];
  theta: ThetaPoint[];
  text: TextPoint[];
};

/** What takes longer as something grows. Synthetic pairs are made in `folder`; `codec` as of `packContestants`. */
export async function measureGrowth(
  pack: Pack,
  place: Place,
  folder: string,
  codec: CodecLink | undefined,
  progressOf: (part: string) => Progress,
): Promise<Growth> {
  const passes = await measurePasses(pack.engine, [place], LOOKAHEAD);
  const pair = await ReplayingPair.open(pack.engine, place.device, place.threads);
  const { codebookSize, vocabularySize } = pack.engine;
  const groupsOf = (size: number) => groupsAt(ringOf(codebookSize, size), 0.4, vocabularySize);
  const usual = groupsOf(USUAL_GROUP_SIZE);
  // Longest first: plain tokens, the round that reads the prompt, and one that overshoots.
  const room = pair.maxLength - TOKENS - 4 * LOOKAHEAD;
  const position = await grown(
    POSITIONS.filter((at) => at <= room).map((at) => ({ at, pair, groups: usual, prompt: at })),
    progressOf('position'),
  );
  const groupSize = await grown(
    GROUP_SIZES.map((at) => ({ at, pair, groups: groupsOf(at), prompt: 100 })),
    progressOf('group size'),
  );
  await pair.close();
  return {
    place: place.name,
    passes,
    lookahead: LOOKAHEAD,
    position,
    vocabulary: await growVocabulary(place, folder, progressOf('vocabulary')),
    groupSize,
    theta: changeTheta(pack),
    text: await growText(pack, place, codec, progressOf('text')),
  };
}

type Setting = { at: number; pair: ReplayingPair; groups: Groups; prompt: number };

/** Replays plainly and with PCG at every point in turn. */
async function grown(settings: Setting[], progress: Progress): Promise<GrowthPoint[]> {
  const contestants = settings.flatMap(({ at, pair, groups, prompt }) =>
    (['plain', 'pcg'] as const).map(
      (method): Contestant => ({
        place: `${at}`,
        method,
        decode: (_, seed) =>
          pair.run({
            method,
            lookahead: LOOKAHEAD,
            groups,
            promptLength: prompt,
            tokens: TOKENS,
            seed,
          }),
      }),
    ),
  );
  const samples = await inTurns(contestants, 1, REPEATS, progress);
  return settings.map(({ at }) => pointOf(at, samples));
}

function pointOf(at: number, samples: PlacedSample[]): GrowthPoint {
  const of = (method: string, ms: (result: SpeakResult) => number) =>
    spread(
      samples
        .filter((sample) => sample.place === `${at}` && sample.method === method)
        .map(({ result }) => ms(result) / result.counters.committed),
    );
  return {
    at,
    plainMs: of('plain', ({ wallMs }) => wallMs),
    pcgMs: of('pcg', ({ wallMs }) => wallMs),
    scriptMs: of('pcg', ({ wallMs, targetMs, draftMs }) => wallMs - targetMs - draftMs),
  };
}

/** With a target of twelve layers × 512. */
async function growVocabulary(place: Place, folder: string, progress: Progress) {
  const settings: Setting[] = [];
  for (const vocabulary of VOCABULARIES) {
    const target = { layers: 12, width: 512, heads: 8, kvHeads: 2, feedForward: 1536, vocabulary };
    const pack = await syntheticPair(pairOf(target), folder);
    const pair = await ReplayingPair.open(pack, place.device, place.threads);
    const groups = groupsAt(ringOf(vocabulary, USUAL_GROUP_SIZE), 0.4);
    settings.push({ at: vocabulary, pair, groups, prompt: 100 });
  }
  const points = await grown(settings, progress);
  for (const { pair } of settings) await pair.close();
  return points;
}

/** What a new θ takes: its groups, and all that is told of them. */
function changeTheta(pack: Pack): ThetaPoint[] {
  const { thetaFloor, defaults } = pack.summary;
  const tables = [
    { table: pack.neighbours, thetas: steps(thetaFloor, 1), usual: defaults.theta },
    { table: ringOf(65_536, USUAL_GROUP_SIZE), thetas: steps(0.45, 0.95), usual: 0.45 },
  ];
  return tables.map(({ table, thetas, usual }) => {
    const times = thetas.map((theta) => {
      const start = performance.now();
      groupsAt(table, theta);
      groupStatistics(table, theta);
      return performance.now() - start;
    });
    const { meanSize } = groupStatistics(table, usual);
    return { codebook: table.tokens, meanGroupSize: meanSize, ms: spread(times) };
  });
}

const steps = (from: number, to: number): number[] =>
  Array.from({ length: 1 + Math.round((to - from) / 0.02) }, (_, i) =>
    Math.min(to, from + 0.02 * i),
  );

/** PCG with adaptive lookahead, codec and all; each text begins with another sentence. */
async function growText(
  pack: Pack,
  place: Place,
  codec: CodecLink | undefined,
  progress: Progress,
): Promise<TextPoint[]> {
  const { defaults, voices, frameRate } = pack.summary;
  const engine = await Engine.load(pack.engine, place.device, codec, place.threads);
  const points: TextPoint[] = [];
  for (const [index, sentences] of TEXT_LENGTHS.entries()) {
    const text = Array.from(
      { length: sentences },
      (_, i) => SENTENCES[(index + i) % SENTENCES.length],
    ).join(' ');
    const request = speakRequest(pack, text, {
      ...defaults,
      voice: voices[0].name,
      method: 'pcg',
      lookahead: 'adaptive',
      topK: 0,
      repetitionPenalty: 1,
      seed: 1,
    });
    if (index === 0) await engine.speak(request, () => undefined);
    const { frames, wallMs, firstSoundMs, counters } = await engine.speak(request, () => undefined);
    const seconds = frames / frameRate;
    points.push({
      sentences,
      seconds,
      msPerToken: wallMs / counters.committed,
      firstSoundMs,
      realTimeFactor: wallMs / 1000 / seconds,
    });
    progress(index + 1, TEXT_LENGTHS.length);
  }
  await engine.close();
  return points;
}
