import { noCounts } from '../../main/decoding/counters';
import type { SpeakResult } from '../../main/inference/messages';
import type { Pack } from '../../main/packs/pack';
import { speakRequest } from '../../main/speak-request';
import type { Llama } from '../llama/llama';
import { SENTENCES } from '../sentences';
import { type Floor, measureFloor } from './floor';
import { type Agreement, greedyAgreement } from './greedy-agreement';
import { llamaContestants } from './llama-contestants';
import { type PackSettings, packContestants } from './pack-contestants';
import type { Place } from './places';
import { type RivalRow, type RivalRun, rivalRows, runRival } from './rival';
import { type Row, rowsOf } from './rows';
import { type Contestant, inTurns, type Progress } from './turns';

/** Ways of ours that a rival is compared with. */
const COMPARED = ['plain', 'PCG, adaptive'];

export type DecodingReport = {
  floor: Floor;
  rows: Row[];
  llama: { release: string; agreement: Agreement } | null;
  rival: { place: string; rows: RivalRow[] } | null;
};

export type DecodingTask = {
  settings: PackSettings;
  sentences: number;
  seeds: number;
  llama: Llama | null;
  /** A command. */
  rival: string | null;
};

/** Every way of decoding with a pack at every place, llama.cpp and a rival among them. */
export async function measureDecoding(
  pack: Pack,
  places: readonly Place[],
  { settings, sentences, seeds, llama, rival }: DecodingTask,
  progress: Progress,
): Promise<DecodingReport> {
  const threads = places.filter(({ device }) => device === 'cpu').map((place) => place.threads);
  const floor = await measureFloor(pack.engine, threads);
  const [{ name: firstPlace }] = places;
  const ours = [];
  for (const place of places) ours.push(await packContestants(pack, place, settings));
  const contestants = ours.flatMap((one) => one.contestants);
  if (llama) contestants.push(...llamaContestants(llama, places, llamaTask(pack, settings)));
  const rivalRuns: RivalRun[] = [];
  if (rival) contestants.push(rivalContestant(rival, rivalRuns));

  const samples = await inTurns(contestants, sentences, seeds, progress);
  const agreement =
    llama && (await greedyAgreement(ours[0].engine, llama, pack, settings, threads[0]));
  for (const { engine } of ours) await engine.close();
  return {
    floor,
    rows: rowsOf(samples, places, floor, pack.summary.frameRate),
    llama: llama && agreement ? { release: llama.release, agreement } : null,
    rival: rival
      ? { place: firstPlace, rows: rivalRows(rivalRuns, samples, firstPlace, COMPARED) }
      : null,
  };
}

function llamaTask(pack: Pack, settings: PackSettings) {
  const { defaults } = pack.summary;
  const all = { ...defaults, ...settings, topK: 0, repetitionPenalty: 1, seed: 1 };
  const pieces = SENTENCES.map(
    (text) => speakRequest(pack, text, { ...all, method: 'plain' }).pieces[0],
  );
  return {
    prompt: (sentence: number) => pieces[sentence].prompt,
    // It does not end by itself, and decodes as much as the text is expected to take.
    tokens: (sentence: number) => Math.round(pieces[sentence].expectedFrames),
    temperature: defaults.temperature,
    topP: defaults.topP,
    lookahead: defaults.lookahead,
  };
}

/** At no place of ours: its runs are gathered apart from the samples. */
function rivalContestant(command: string, runs: RivalRun[]): Contestant {
  return {
    place: 'rival',
    method: 'rival',
    decode: async (sentence, seed) => {
      const rates = await runRival(command);
      // Seed 0 is the run that does not count.
      if (seed > 0) runs.push({ sentence, seed, rates });
      return NOTHING;
    },
  };
}

const NOTHING: SpeakResult = {
  cancelled: false,
  counters: noCounts(),
  frames: 0,
  wallMs: 0,
  firstSoundMs: null,
  plainTokensPerSecond: null,
  targetMs: 0,
  draftMs: 0,
  codecMs: 0,
};
