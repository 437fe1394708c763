import type { CodecLink } from '../../main/inference/remote-codec';
import type { Pack } from '../../main/packs/pack';
import { speakRequest } from '../../main/speak-request';
import { SENTENCES } from '../sentences';
import { type Floor, measureFloor } from './floor';
import { type Agreement, greedyAgreement } from './greedy-agreement';
import { llamaContestants } from './llama-contestants';
import type { Llamas } from './open-llama';
import { type PackSettings, packContestants } from './pack-contestants';
import type { Place } from './places';
import { type RivalRow, type RivalRun, rivalRows, runRival } from './rival';
import { type Row, rowsOf } from './rows';
import { measurePasses, type TargetPasses } from './target-passes';
import { type Contestant, inTurns, NOTHING, type Progress } from './turns';

/** Ways of ours that a rival is compared with. */
const COMPARED = ['plain', 'PCG, adaptive'];

export type DecodingReport = {
  floor: Floor;
  rows: Row[];
  passes: TargetPasses;
  /** Names of the places at which the codec has a process of its own. */
  codecApart: string[];
  /** One on the processor, one on the GPU; those that ran. */
  llamas: LlamaFacts[];
  rival: { place: string; rows: RivalRow[] } | null;
};

export type LlamaFacts = {
  release: string;
  /** Names of its GPUs; none on the processor. */
  gpus: string[];
  agreement: Agreement;
};

export type DecodingTask = {
  settings: PackSettings;
  sentences: number;
  seeds: number;
  llamas: Llamas;
  /** To the codec beside a target at a place. */
  codecAt: (place: Place) => CodecLink | undefined;
  /** A command. */
  rival: string | null;
};

/** Every way of decoding with a pack at every place, llama.cpp and a rival among them. */
export async function measureDecoding(
  pack: Pack,
  places: readonly Place[],
  { settings, sentences, seeds, llamas, codecAt, rival }: DecodingTask,
  progress: Progress,
): Promise<DecodingReport> {
  const floor = await measureFloor(pack.engine, places);
  const passes = await measurePasses(pack.engine, places, pack.summary.defaults.lookahead);
  const [{ name: firstPlace, threads }] = places;
  const ours = [];
  for (const place of places) {
    ours.push(await packContestants(pack, place, settings, codecAt(place)));
  }
  const contestants = ours.flatMap((one) => one.contestants);
  contestants.push(...llamaContestants(llamas, places, llamaTask(pack, settings)));
  const rivalRuns: RivalRun[] = [];
  if (rival) contestants.push(rivalContestant(rival, rivalRuns));

  const samples = await inTurns(contestants, sentences, seeds, progress);
  const facts: LlamaFacts[] = [];
  for (const llama of [llamas.cpu, llamas.gpu]) {
    if (!llama) continue;
    const agreement = await greedyAgreement(ours[0].engine, llama, pack, settings, threads);
    facts.push({ release: llama.release, gpus: llama.gpus, agreement });
  }
  for (const { engine } of ours) await engine.close();
  return {
    floor,
    rows: rowsOf(samples, places, floor, pack.summary.frameRate),
    passes,
    codecApart: places.filter(codecAt).map(({ name }) => name),
    llamas: facts,
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
