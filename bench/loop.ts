import { GCProfiler } from 'node:v8';
import { acceptanceRate } from '../contract/counters';
import { acceptanceRule } from '../main/decoding/acceptance';
import { countRound, noCounts } from '../main/decoding/counters';
import { SmallModelDrafter } from '../main/decoding/drafter';
import { groupsAt } from '../main/decoding/groups';
import { decode } from '../main/decoding/loop';
import type { Model } from '../main/decoding/model';
import { Processor, type ProcessorSettings } from '../main/decoding/processors';
import { seededUniform, type Uniform } from '../main/decoding/random';
import { ringOf } from './replay/ring';

/*
 * What the loop itself takes, without any model: `npm run bench:loop`. Logits are ready rows, so
 * that every millisecond and every byte counted here is the script's.
 */

/** Odd: a token has as many neighbours on one side as on the other. */
const GROUP_SIZE = 139;
const LOOKAHEAD = 3;
const ROWS = 24;
const TOKENS = 150;

/** Longest pass of a round. */
const LONGEST_PASS = LOOKAHEAD + 1;

/** Peaked as a speech model's: some dozens of tokens hold most of the mass. */
function logitRows(vocabularySize: number, uniform: Uniform): Float32Array {
  const values = new Float32Array((ROWS + LONGEST_PASS) * vocabularySize);
  for (let i = 0; i < ROWS * vocabularySize; i++) {
    values[i] = -1.6 * Math.log(-Math.log(uniform() || 0.5));
  }
  // The first rows once more, for passes that begin in the last one.
  values.copyWithin(ROWS * vocabularySize, 0, LONGEST_PASS * vocabularySize);
  return values;
}

/** Gives ready logits, another row at every position. */
class ReadyModel implements Model {
  readonly maxLength = 1 << 20;
  length = 0;
  private readonly starts: Float32Array[];

  constructor(
    readonly vocabularySize: number,
    rows: Float32Array,
  ) {
    this.starts = Array.from({ length: ROWS }, (_, row) => rows.subarray(row * vocabularySize));
  }

  async forward(tokens: readonly number[]): Promise<Float32Array> {
    const start = this.length % ROWS;
    this.length += tokens.length;
    return this.starts[start];
  }

  rollback(length: number): void {
    this.length = Math.min(this.length, length);
  }
}

async function measure(codebook: number, settings: ProcessorSettings, kind: 'exact' | 'pcg') {
  const vocabularySize = codebook + 1;
  const uniform = seededUniform(1);
  const targetRows = logitRows(vocabularySize, uniform);
  const draftRows = logitRows(vocabularySize, uniform);
  // The draft knows most of what the target knows.
  for (let i = 0; i < draftRows.length; i++) draftRows[i] = targetRows[i] + 0.25 * draftRows[i];
  const target = new ReadyModel(vocabularySize, targetRows);
  const draft = new ReadyModel(vocabularySize, draftRows);
  const groups = groupsAt(ringOf(codebook, GROUP_SIZE), 0.4, vocabularySize);
  const processor = new Processor(settings, vocabularySize);
  const run = async (tokens: number) => {
    const counters = noCounts();
    const drafter = new SmallModelDrafter(draft, processor, -1, LOOKAHEAD);
    const rule = acceptanceRule(kind, groups, settings.temperature);
    let check = 0;
    for await (const round of decode({
      target,
      processor,
      speculation: { drafter, rule, lookahead: LOOKAHEAD },
      prompt: [1, 2, 3],
      endOfSpeech: -1,
      uniform: seededUniform(2),
    })) {
      countRound(counters, round);
      check = (Math.imul(check, 31) + (round.drawn?.token ?? 0)) | 0;
      if (counters.committed >= tokens) break;
    }
    return { counters, check };
  };
  await run(TOKENS >> 1);
  const collections = new GCProfiler();
  collections.start();
  const heapBefore = process.memoryUsage();
  const start = performance.now();
  const { counters, check } = await run(TOKENS);
  const ms = performance.now() - start;
  const heapAfter = process.memoryUsage();
  let bytes = 0;
  let used = heapBefore.heapUsed;
  for (const { beforeGC, afterGC } of collections.stop()?.statistics ?? []) {
    bytes += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  bytes += heapAfter.heapUsed - used;
  return {
    codebook,
    kind,
    ...settings,
    alpha: acceptanceRate(counters),
    msPerToken: ms / counters.committed,
    bytesPerToken: bytes / counters.committed,
    /** Of the tokens: the same before and after a change that keeps results bit by bit. */
    check,
  };
}

const SETTINGS: ProcessorSettings[] = [
  { temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1 },
  { temperature: 0.8, topK: 0, topP: 0.95, repetitionPenalty: 1 },
  { temperature: 0.8, topK: 500, topP: 1, repetitionPenalty: 1.1 },
];

for (const codebook of [4096, 65_536]) {
  for (const settings of SETTINGS) {
    for (const kind of ['exact', 'pcg'] as const) {
      console.log(JSON.stringify(await measure(codebook, settings, kind)));
    }
  }
}
