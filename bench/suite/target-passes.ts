import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LONGEST_LOOKAHEAD } from '../../main/decoding/lookahead';
import { GraphModel } from '../../main/inference/graph-model';
import type { DecoderPack } from '../../main/inference/models';
import { passage } from '../../main/inference/passage';
import { PROVIDERS } from '../../main/inference/providers';
import { threadsFor } from '../../main/inference/session';
import { POSITION, passTimes } from '../pass-times';
import type { Place } from './places';
import { operatorsAPass, type ProfileEvent, programsAPass } from './profile';
import { graphWidth, readGraph } from './weights';

/** Passes that are profiled, all alike. */
const PROFILED = 4;

/** What a pass of the target takes at a place. */
export type PlacePasses = {
  place: string;
  onGpu: boolean;
  /** Milliseconds for each of `TargetPasses.lengths`. */
  ms: number[];
  /** That ONNX Runtime starts for one position. */
  operators: number;
  /** What it starts on the GPU for them; null where its profile does not tell. */
  programs: number | null;
  /** Whether all of them are started at once, for they were captured. */
  captured: boolean;
};

export type TargetPasses = {
  layers: number;
  /** Numbers a position between layers. */
  width: number;
  /** Positions that the caches hold before each pass. */
  position: number;
  /** Positions of the passes: a plain one, one that verifies the pack's lookahead, and the longest. */
  lengths: number[];
  places: PlacePasses[];
};

/** What a pass of the target takes at each place, by turns. */
export async function measurePasses(
  pack: DecoderPack,
  places: readonly Place[],
  lookahead: number,
): Promise<TargetPasses> {
  const lengths = [...new Set([1, lookahead + 1, LONGEST_LOOKAHEAD + 1])];
  const models: GraphModel[] = [];
  try {
    for (const place of places) models.push(await openTarget(pack, place));
    const ms = await passTimes(models, lengths);
    const counted: PlacePasses[] = [];
    for (const [i, place] of places.entries()) {
      const captured = PROVIDERS[place.device].capture !== null && models[i].gpu.captured;
      const profiled = await profile(pack, place);
      const onGpu = place.gpu !== undefined;
      counted.push({ place: place.name, onGpu, ms: ms[i], captured, ...profiled });
    }
    return {
      layers: pack.target.layers,
      width: graphWidth(await readGraph(pack.target.file)),
      position: POSITION,
      lengths,
      places: counted,
    };
  } finally {
    for (const model of models) await model.release();
  }
}

function openTarget(
  pack: DecoderPack,
  { device, threads, gpu }: Place,
  profileTo?: string,
): Promise<GraphModel> {
  return GraphModel.open(pack.target, pack.vocabularySize, {
    device,
    threads: threadsFor('target', device, threads),
    gpu,
    profileTo,
  });
}

/** Counts what passes over one position start. One that was captured would be a single start. */
async function profile(pack: DecoderPack, place: Place) {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-profile-'));
  try {
    const gpu = place.gpu && { ...place.gpu, captured: false };
    const model = await openTarget(pack, { ...place, gpu }, join(folder, 'passes'));
    let file: string;
    try {
      for (let pass = 0; pass < PROFILED; pass++) {
        model.rollback(0);
        await model.forward(passage(1, model.vocabularySize));
      }
      file = model.endProfiling();
    } finally {
      await model.release();
    }
    const events: ProfileEvent[] = JSON.parse(await readFile(file, 'utf8'));
    return {
      operators: operatorsAPass(events, PROFILED),
      programs: programsAPass(events, PROFILED),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
