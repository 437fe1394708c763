import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupStatistics } from '../../main/decoding/groups';
import type { Pack } from '../../main/packs/pack';
import { type BenchFlags, PARTS, type Part } from '../flags';
import type { LlamaSource } from '../llama/llama';
import { LARGER_PAIR, syntheticPair } from '../synthetic/pair';
import { measureDecoding } from './decoding';
import { measureGrowth } from './growth';
import { describeMachine } from './machine';
import { withBlock } from './marked-block';
import { openLlama } from './open-llama';
import { pageSection } from './page';
import { measurePair } from './pair';
import { placesFor } from './places';
import type { SuiteReport } from './report';

const SENTENCES = 4;
const SEEDS = 1;
/** Where graphs are kept that were made for measuring alone; beside the build, and not tracked. */
const MADE = '../../.cache/bench';

/** Runs the suite, prints what came of it and, when all parts ran, writes docs/performance.md. */
export async function runSuite(flags: BenchFlags, pack: Pack, entries: string): Promise<void> {
  const report = await measure(flags, pack, entries);
  if (flags.parts.length === PARTS.length) {
    const page = join(entries, '../../docs/performance.md');
    const text = withBlock(await readFile(page, 'utf8'), report.machine, pageSection(report));
    await writeFile(page, text);
  }
  console.log(flags.json ? JSON.stringify(report) : pageSection(report));
}

async function measure(flags: BenchFlags, pack: Pack, entries: string): Promise<SuiteReport> {
  const { places, skipped } = await placesFor(pack.engine, entries);
  const { summary, engine, manifest } = pack;
  const { defaults } = summary;
  const sentences = flags.sentences ?? SENTENCES;
  const seeds = flags.seeds ?? SEEDS;
  const voice = flags.voice ?? summary.voices[0].name;
  const theta = flags.theta ?? defaults.theta;
  const made = join(entries, MADE);
  const ran = (part: Part) => flags.parts.includes(part);
  const llamaWith = async (source: LlamaSource) =>
    ran('llama') ? openLlama(source, made, entries, skipped) : null;

  const decoding = async () => {
    const name = `${summary.id}-${pack.sha256.slice(0, 8)}`;
    const rows = manifest.tokens.embeddingRows;
    const llama = await llamaWith({ pack: engine, name, rows, drafts: true });
    const settings = { voice, theta };
    const task = { settings, sentences, seeds, llama, rival: flags.rival };
    const report = await measureDecoding(pack, places, task, progressOf('decoding'));
    llama?.close();
    return report;
  };
  const pair = async () => {
    const larger = await syntheticPair(LARGER_PAIR, made);
    const rows = larger.vocabularySize;
    const llama = await llamaWith({ pack: larger, name: 'larger-pair', rows, drafts: false });
    const report = await measurePair(
      larger,
      places,
      defaults.lookahead,
      llama,
      progressOf('larger pair'),
    );
    llama?.close();
    return report;
  };
  return {
    machine: flags.machine ?? (await describeMachine()),
    date: new Date().toISOString().slice(0, 10),
    pack: {
      id: summary.id,
      name: summary.name,
      codebookSize: summary.codebookSize,
      targetLayers: engine.target.layers,
      draftLayers: engine.draft.layers,
      voice,
      theta,
      meanGroupSize: groupStatistics(pack.neighbours, theta).meanSize,
      temperature: defaults.temperature,
      topP: defaults.topP,
    },
    sentences,
    seeds,
    decoding: ran('decoding') ? await decoding() : null,
    pair: ran('pair') ? await pair() : null,
    growth: ran('growth') ? await measureGrowth(pack, places[0], made, progressOf) : null,
    skipped,
  };
}

const progressOf = (part: string) => (done: number, of: number) => {
  process.stderr.write(`\r${part}: ${done} of ${of}${done === of ? '\n' : ''}`);
};
