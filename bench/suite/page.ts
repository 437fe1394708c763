import { LLAMA_PACKAGE, LLAMA_VERSION } from '../llama/install';
import type { DecodingReport } from './decoding';
import type { Floor } from './floor';
import type { GrowthPoint } from './growth';
import { passSentence } from './pass-sentence';
import type { SuiteReport } from './report';
import type { Row } from './rows';
import { number, percent, range, table } from './tables';

/** The suite's report as a section of a page. */
export function pageSection(report: SuiteReport): string {
  const { machine, date, skipped, failed } = report;
  const missing = [
    ...skipped.map((reason) => ` Not measured: ${reason}`),
    ...failed.map((reason) => ` Broke off: ${reason}`),
  ];
  return [
    `## ${machine}`,
    `Measured on ${date}.${missing.join('')}`,
    ...decodingSection(report),
    ...pairSection(report),
    ...growthSection(report),
  ].join('\n\n');
}

function decodingSection({ decoding, pack, cards, sentences, seeds }: SuiteReport): string[] {
  if (!decoding) return [];
  const { floor, rows, passes, codecApart } = decoding;
  const beneath = (place: string) => {
    const apart = codecApart.includes(place);
    const codec = apart ? 'in a process of its own' : 'in the process that decodes';
    return `${passSentence(passes, place, cards)} The codec vocodes ${codec}.`;
  };
  return [
    `### ${pack.name}`,
    `Target of ${pack.targetLayers} layers, draft of ${pack.draftLayers}, ${pack.codebookSize} ` +
      `acoustic tokens; voice ${pack.voice}, θ ${pack.theta} (mean group ` +
      `${number(pack.meanGroupSize, 1)}), temperature ${pack.temperature}, top-p ${pack.topP}; ` +
      `${sentences} sentences × ${seeds} seeds, all rows interleaved.`,
    placeTables(rows, beneath, [
      ['speed-up over plain', ofSound((row) => range(row.speedUp, 2))],
      ['without the codec', (row) => range(row.decodingSpeedUp, 2)],
      ['α', (row) => number(row.acceptanceRate, 3)],
      ['τ', (row) => number(row.blockEfficiency, 2)],
      ['tokens/s', ofSound((row) => number(row.tokensPerSecond.median, 0))],
      ['decoding alone', (row) => number(row.decodedPerSecond.median, 0)],
      ['real-time factor', ofSound((row) => number(row.realTimeFactor.median, 2))],
      ['first sound, ms', ofSound((row) => number(row.firstSoundMs.median, 0))],
      ['script', ofSound((row) => percent(row.share.script))],
      ['of the floor', (row) => percent(row.ofFloor)],
    ]),
    floorSentence(floor),
    ...llamaSentence(decoding),
    ...rivalTable(decoding),
  ];
}

function pairSection({ pair, cards }: SuiteReport): string[] {
  if (!pair) return [];
  const beneath = (place: string) => passSentence(pair.passes, place, cards);
  return [
    '### A larger pair',
    `Target of ${pair.targetLayers} layers × 1024, draft of one × 512, random weights of 4 bits, ` +
      `${pair.vocabularySize} tokens, groups of ${pair.groupSize}. Random weights have no acceptance ` +
      'of their own: drafts are kept as they were in a recorded run (`bench/replay`). ' +
      `${pair.tokens} tokens a run, no codec, all rows interleaved.`,
    placeTables(pair.rows, beneath, [
      ['speed-up over plain', (row) => range(row.speedUp, 2)],
      ['α', (row) => number(row.acceptanceRate, 3)],
      ['τ', (row) => number(row.blockEfficiency, 2)],
      ['tokens/s', (row) => number(row.tokensPerSecond.median, 1)],
      ['target', (row) => percent(row.share.target)],
      ['draft', (row) => percent(row.share.draft)],
      ['script', (row) => percent(row.share.script)],
      ['of the floor', (row) => percent(row.ofFloor)],
    ]),
    floorSentence(pair.floor),
  ];
}

function growthSection({ growth, pack, cards }: SuiteReport): string[] {
  if (!growth) return [];
  const points = (what: string, list: readonly GrowthPoint[]) =>
    table(
      [what, 'plain, ms a token', 'PCG, ms a token', 'of it script'],
      list.map(({ at, plainMs, pcgMs, scriptMs }) => [
        `${at}`,
        range(plainMs, 2),
        range(pcgMs, 2),
        `${number(scriptMs.median, 2)} (${percent(scriptMs.median / pcgMs.median)})`,
      ]),
    );
  return [
    '### What grows',
    `${growth.place}, lookahead ${growth.lookahead}, decoding without the codec, acceptance replayed. ` +
      passSentence(growth.passes, growth.place, cards),
    `Position, ${pack.name}:`,
    points('position', growth.position),
    'Vocabulary, target of 12 layers × 512 and random weights:',
    points('tokens', growth.vocabulary),
    `Group size, ${pack.name}’s models with groups all of one size:`,
    points('tokens a group', growth.groupSize),
    'A new θ, its groups and their statistics:',
    table(
      ['codebook', 'mean group', 'ms'],
      growth.theta.map(({ codebook, meanGroupSize, ms }) => [
        `${codebook}`,
        number(meanGroupSize, 1),
        range(ms, 1),
      ]),
    ),
    'Length of the text, PCG with adaptive lookahead, codec and all, one run each:',
    table(
      ['sentences', 'seconds of speech', 'ms a token', 'first sound, ms', 'real-time factor'],
      growth.text.map((point) => [
        `${point.sentences}`,
        number(point.seconds, 1),
        number(point.msPerToken, 2),
        number(point.firstSoundMs, 0),
        number(point.realTimeFactor, 2),
      ]),
    ),
  ];
}

/** A cell that says something only where sound was made. */
const ofSound = (cell: (row: Row) => string) => (row: Row) => (row.vocoded ? cell(row) : '–');

function llamaSentence({ llamas }: DecodingReport): string[] {
  if (llamas.length === 0) return [];
  const agreements = llamas.map(({ gpus, agreement: { same, of } }) => {
    const where = gpus.length > 0 ? `on ${gpus.join(' and ')}` : 'on the CPU';
    return `${where} the first ${same} of ${of} tokens`;
  });
  return [
    `llama.cpp ${llamas[0].release} through \`${LLAMA_PACKAGE}\` ${LLAMA_VERSION} has the same numbers as ` +
      'weights (`bench/llama`), the same prompts, threads and sampling, and makes no sound. At ' +
      `temperature 0, over four sentences up to the first other one, ${agreements.join(' and ')} are ` +
      'ours. Its α is the share of drafts that equal what its target drew.',
  ];
}

function rivalTable({ rival }: DecodingReport): string[] {
  if (!rival || rival.rows.length === 0) return [];
  const methods = Object.keys(rival.rows[0].ours);
  return [
    `Another program in the same run, compared with ${rival.place}, decoding alone:`,
    table(
      ['its way', 'its tokens/s', ...methods.map((method) => `ours, ${method}, over it`)],
      rival.rows.map(({ name, tokensPerSecond, ours }) => [
        name,
        range(tokensPerSecond, 0),
        ...methods.map((method) => range(ours[method], 2)),
      ]),
    ),
  ];
}

type Column = [string, (row: Row) => string];

/** A table for each place, and what is to be said beneath it. */
function placeTables(
  rows: readonly Row[],
  beneath: (place: string) => string,
  columns: readonly Column[],
): string {
  const places = [...new Set(rows.map(({ place }) => place))];
  return places
    .map((place) => {
      const cells = rows
        .filter((row) => row.place === place)
        .map((row) => [row.method, ...columns.map(([, cell]) => cell(row))]);
      return `${table([place, ...columns.map(([name]) => name)], cells)}\n\n${beneath(place)}`;
    })
    .join('\n\n');
}

function floorSentence({ targetBytes, draftBytes, bandwidths }: Floor): string {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const rates = bandwidths.map(({ threads, bytesPerSecond }) => {
    const floorMs = (1000 * targetBytes) / bytesPerSecond;
    const rate = `${(bytesPerSecond / 1e9).toFixed(1)} GB/s with ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    return `${rate} (${floorMs.toFixed(2)} ms a pass)`;
  });
  return (
    `The floor: a target pass reads ${mebibytes(targetBytes)} of weights, a draft step ` +
    `${mebibytes(draftBytes)}; memory of the target’s size was read at ${rates.join(', ')}. ` +
    '“Of the floor” is how near a token comes to reading its weights and nothing else.'
  );
}
