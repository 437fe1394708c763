import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFailure } from '../../contract/failure';
import { codecLink } from '../../main/cli/codec-link';
import { fail } from '../../main/cli/exit';
import { groupStatistics } from '../../main/decoding/groups';
import type { Pack } from '../../main/packs/pack';
import { type BenchFlags, PARTS, type Part } from '../flags';
import type { LlamaSource } from '../llama/llama';
import { LARGER_PAIR, syntheticPair } from '../synthetic/pair';
import { measureDecoding } from './decoding';
import { measureGrowth } from './growth';
import { describeMachine, graphicsCards } from './machine';
import { withBlock } from './marked-block';
import { closeLlamas, type Llamas, NO_LLAMAS, openLlamas } from './open-llama';
import { pageSection } from './page';
import { measurePair } from './pair';
import { type Place, placesFor } from './places';
import type { SuiteReport } from './report';

const SENTENCES = 4;
const SEEDS = 1;
/** Where graphs are kept that were made for measuring alone; beside the build, and not tracked. */
const MADE = '../../.cache/bench';

/**
 * Runs the suite, prints what came of it and, when all parts ran to their end, writes
 * docs/performance.md.
 */
export async function runSuite(flags: BenchFlags, pack: Pack, entries: string): Promise<void> {
  const report = await measure(flags, pack, entries);
  if (flags.parts.length === PARTS.length && report.failed.length === 0) {
    const page = join(entries, '../../docs/performance.md');
    const text = withBlock(await readFile(page, 'utf8'), report.machine, pageSection(report));
    await writeFile(page, text);
  }
  console.log(flags.json ? JSON.stringify(report) : pageSection(report));
  if (report.failed.length > 0) fail('runtime', report.failed.join('\n'));
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
  const codecAt = ({ device }: Place) => codecLink(flags.codec, device, entries);
  const ran = (part: Part) => flags.parts.includes(part);
  const failed: string[] = [];
  /** What a part came to. One that fails takes nothing of the others with it. */
  const run = async <T>(part: Part, work: () => Promise<T>): Promise<T | null> => {
    if (!ran(part)) return null;
    try {
      return await work();
    } catch (error) {
      failed.push(`${part}: ${toFailure(error).message.split('\n')[0]}`);
      return null;
    }
  };
  /** Has llama.cpp at hand for as long as `measuring` takes. */
  const withLlama = async <T>(
    source: LlamaSource,
    measuring: (llamas: Llamas) => Promise<T>,
  ): Promise<T> => {
    const llamas = ran('llama')
      ? await openLlamas(source, places, made, entries, skipped)
      : NO_LLAMAS;
    try {
      return await measuring(llamas);
    } finally {
      closeLlamas(llamas);
    }
  };

  const decoding = () => {
    const name = `${summary.id}-${pack.sha256.slice(0, 8)}`;
    const rows = manifest.tokens.embeddingRows;
    const task = { settings: { voice, theta }, sentences, seeds, codecAt, rival: flags.rival };
    return withLlama({ pack: engine, name, rows, drafts: true }, (llamas) =>
      measureDecoding(pack, places, { ...task, llamas }, progressOf('decoding')),
    );
  };
  const pair = async () => {
    const larger = await syntheticPair(LARGER_PAIR, made);
    const rows = larger.vocabularySize;
    const progress = progressOf('larger pair');
    return withLlama({ pack: larger, name: 'larger-pair', rows, drafts: false }, (llamas) =>
      measurePair(larger, places, defaults.lookahead, llamas, progress),
    );
  };
  const growth = () => measureGrowth(pack, places[0], made, codecAt(places[0]), progressOf);
  const cards = await graphicsCards();
  return {
    machine: flags.machine ?? describeMachine(cards),
    cards,
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
    decoding: await run('decoding', decoding),
    pair: await run('pair', pair),
    growth: await run('growth', growth),
    skipped,
    failed,
  };
}

const progressOf = (part: string) => (done: number, of: number) => {
  process.stderr.write(`\r${part}: ${done} of ${of}${done === of ? '\n' : ''}`);
};
