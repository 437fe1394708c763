import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupStatistics } from '../../main/decoding/groups';
import type { Pack } from '../../main/packs/pack';
import { type BenchFlags, PARTS } from '../flags';
import { LARGER_PAIR, syntheticPair } from '../synthetic/pair';
import { measureFloor } from './floor';
import { measureGrowth } from './growth';
import { describeMachine } from './machine';
import { withBlock } from './marked-block';
import { packContestants } from './pack-contestants';
import { pageSection } from './page';
import { measurePair } from './pair';
import { type Place, placesFor } from './places';
import type { SuiteReport } from './report';
import { rowsOf } from './rows';
import { inTurns } from './turns';

const SENTENCES = 4;
const SEEDS = 1;
/** Where graphs are kept that were made for measuring alone; beside the build, and not tracked. */
const MADE = '../../.cache/bench';

/** Runs the suite, prints what came of it and, when all parts ran, writes docs/performance.md. */
export async function runSuite(flags: BenchFlags, pack: Pack, folder: string): Promise<void> {
  const report = await measure(flags, pack, folder);
  if (flags.parts.length === PARTS.length) {
    const page = join(folder, '../../docs/performance.md');
    const text = withBlock(await readFile(page, 'utf8'), report.machine, pageSection(report));
    await writeFile(page, text);
  }
  console.log(flags.json ? JSON.stringify(report) : pageSection(report));
}

async function measure(flags: BenchFlags, pack: Pack, folder: string): Promise<SuiteReport> {
  const { places, skipped } = await placesFor(pack.engine, folder);
  const sentences = flags.sentences ?? SENTENCES;
  const seeds = flags.seeds ?? SEEDS;
  const { summary, engine } = pack;
  const voice = flags.voice ?? summary.voices[0].name;
  const theta = flags.theta ?? summary.defaults.theta;
  const ran = (part: BenchFlags['parts'][number]) => flags.parts.includes(part);
  return {
    machine: flags.machine ?? (await describeMachine()),
    date: new Date().toISOString().slice(0, 10),
    skipped,
    pack: {
      id: summary.id,
      name: summary.name,
      codebookSize: summary.codebookSize,
      targetLayers: engine.target.layers,
      draftLayers: engine.draft.layers,
      voice,
      theta,
      meanGroupSize: groupStatistics(pack.neighbours, theta).meanSize,
      temperature: summary.defaults.temperature,
      topP: summary.defaults.topP,
    },
    sentences,
    seeds,
    decoding: ran('decoding')
      ? await measureDecoding(pack, places, { voice, theta }, sentences, seeds)
      : null,
    pair: ran('pair')
      ? await measurePair(
          await syntheticPair(LARGER_PAIR, join(folder, MADE)),
          places,
          summary.defaults.lookahead,
          progressOf('larger pair'),
        )
      : null,
    growth: ran('growth')
      ? await measureGrowth(pack, places[0], join(folder, MADE), progressOf)
      : null,
  };
}

async function measureDecoding(
  pack: Pack,
  places: Place[],
  chosen: { voice: string; theta: number },
  sentences: number,
  seeds: number,
) {
  const cpuThreads = places.filter(({ device }) => device === 'cpu').map(({ threads }) => threads);
  const floor = await measureFloor(pack.engine, cpuThreads);
  const all = [];
  for (const place of places) all.push(await packContestants(pack, place, chosen));
  const contestants = all.flatMap((one) => one.contestants);
  const samples = await inTurns(contestants, sentences, seeds, progressOf('decoding'));
  for (const { engine } of all) await engine.close();
  return { floor, rows: rowsOf(samples, places, floor, pack.summary.frameRate) };
}

const progressOf = (part: string) => (done: number, of: number) => {
  process.stderr.write(`\r${part}: ${done} of ${of}${done === of ? '\n' : ''}`);
};
