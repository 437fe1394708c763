import { acceptanceRate, blockEfficiency, type Counters } from '../contract/counters';
import type { SpeakResult } from '../main/inference/messages';

/** One decoding of one sentence under one seed. `method`: the name of a way of decoding. */
export type Sample = { method: string; sentence: number; seed: number; result: SpeakResult };

export type Spread = { median: number; least: number; most: number };

/** What a method came to. Ratios are taken pair by pair, same sentence and same seed. */
export type MethodSummary = {
  method: string;
  acceptanceRate: number | null;
  blockEfficiency: number | null;
  /** Plain decoding's time a token ÷ this method's, vocoding and all. */
  speedUp: Spread;
  /** The same without the codec's time. */
  decodingSpeedUp: Spread;
  msPerToken: Spread;
  tokensPerSecond: Spread;
  realTimeFactor: Spread;
  firstSoundMs: Spread;
  /** Parts of the whole time; they sum to 1. */
  share: { target: number; draft: number; codec: number; script: number };
  counters: Counters;
};

export function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted[sorted.length - 1] };
}

const perToken = ({ result }: Sample) => result.wallMs / result.counters.committed;
const decodingPerToken = ({ result }: Sample) =>
  (result.wallMs - result.codecMs) / result.counters.committed;

/** Sums up one method's samples against the plain ones of the same run. */
export function summarise(method: string, samples: Sample[], frameRate: number): MethodSummary {
  const own = samples.filter((sample) => sample.method === method);
  const ratios = (measure: (sample: Sample) => number) =>
    spread(own.map((sample) => measure(plainTwin(sample, samples)) / measure(sample)));
  const total = (part: (result: SpeakResult) => number) =>
    own.reduce((sum, { result }) => sum + part(result), 0);
  const counters = addUp(own.map(({ result }) => result.counters));
  const wall = total((result) => result.wallMs);
  const share = {
    target: total((result) => result.targetMs) / wall,
    draft: total((result) => result.draftMs) / wall,
    codec: total((result) => result.codecMs) / wall,
  };
  return {
    method,
    acceptanceRate: acceptanceRate(counters),
    blockEfficiency: blockEfficiency(counters),
    speedUp: ratios(perToken),
    decodingSpeedUp: ratios(decodingPerToken),
    msPerToken: spread(own.map(perToken)),
    tokensPerSecond: spread(own.map((sample) => 1000 / perToken(sample))),
    realTimeFactor: spread(
      own.map(({ result }) => result.wallMs / 1000 / (result.frames / frameRate)),
    ),
    firstSoundMs: spread(own.map(({ result }) => result.firstSoundMs ?? result.wallMs)),
    share: { ...share, script: 1 - share.target - share.draft - share.codec },
    counters,
  };
}

function plainTwin(sample: Sample, samples: Sample[]): Sample {
  const twin = samples.find(
    ({ method, sentence, seed }) =>
      method === 'plain' && sentence === sample.sentence && seed === sample.seed,
  );
  if (!twin) throw new Error(`Sentence ${sample.sentence} was not decoded plainly.`);
  return twin;
}

function addUp(all: Counters[]): Counters {
  const sum = { ...all[0] };
  for (const counters of all.slice(1)) {
    for (const key of Object.keys(sum) as (keyof Counters)[]) sum[key] += counters[key];
  }
  return sum;
}
