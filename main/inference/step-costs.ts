import { Context } from '../decoding/context';
import { SmallModelDrafter } from '../decoding/drafter';
import {
  bestLookahead,
  expectedSpeed,
  expectedTokens,
  LONGEST_LOOKAHEAD,
  type StepCosts,
  steppedCosts,
  straightCosts,
  USUAL_ALPHA,
} from '../decoding/lookahead';
import { Processor } from '../decoding/processors';
import { seededUniform } from '../decoding/random';
import type { GraphModel } from './graph-model';
import { passage, passageStates } from './passage';
import { PROVIDERS } from './providers';

/** In the middle of a usual take and of a long one, so far from the end of what caches grow by. */
const USUAL_POSITION = 160;
const FAR_POSITION = 544;
const LOOKAHEADS = [1, 4, LONGEST_LOOKAHEAD];
/** A GPU has other programs for longer passes, and nobody knows from which length on. */
const EVERY_LOOKAHEAD = Array.from({ length: LONGEST_LOOKAHEAD }, (_, i) => i + 1);
const LONGEST_PASS = LONGEST_LOOKAHEAD + 1;
const LEAST_REPEATS = 3;
const MOST_REPEATS = 7;
/** After so many milliseconds no round of a kind is repeated beyond the least. */
const USUAL_BUDGET_MS = 150;
const FAR_BUDGET_MS = 50;

/**
 * Times rounds of several lookaheads as decoding has them, the target's passes between the draft's
 * steps, where a usual take stands in the middle, and the shortest ones further on. Medians count:
 * alone, with weights that nothing drove out of the processor's caches, a pass is faster than ever in a
 * take, and short lookaheads seem better than they are. On the CPU a pass grows evenly with its length; on a GPU
 * it may rise in steps, so every length is timed there. Takes a fifth of a second, or sixteen rounds where these
 * take longer; on a GPU thirty-six. Forgets what the caches hold.
 */
export async function measureSteps(target: GraphModel, draft: GraphModel): Promise<StepCosts> {
  const room = Math.min(target.maxLength, draft.maxLength) - LONGEST_PASS;
  const usual = Math.max(1, Math.min(USUAL_POSITION, room));
  const far = Math.max(1, Math.min(FAR_POSITION, room));
  const isEven = PROVIDERS[target.device].growsEvenly;
  const lookaheads = isEven ? LOOKAHEADS : EVERY_LOOKAHEAD;
  const rounds = await timeRounds(target, draft, usual, lookaheads, USUAL_BUDGET_MS);
  const [usually] = rounds;
  const [further] =
    far > usual ? await timeRounds(target, draft, far, [usually.lookahead], FAR_BUDGET_MS) : rounds;
  target.rollback(0);
  draft.rollback(0);
  const rise = further.fastestPassMs - usually.fastestPassMs;
  const perPosition = Math.max(0, rise) / Math.max(1, far - usual);
  return {
    draft: straightCosts(
      rounds.map(({ lookahead, draftMs }) => [lookahead, draftMs]),
      LONGEST_LOOKAHEAD,
    ),
    pass: (isEven ? straightCosts : steppedCosts)(
      rounds.map(({ lookahead, passMs }) => [lookahead + 1, passMs - perPosition * usual]),
      LONGEST_PASS,
    ),
    perPosition,
  };
}

type TimedRound = {
  lookahead: number;
  draftMs: number;
  passMs: number;
  /** For a difference between two measurements, of which only one may meet other work. */
  fastestPassMs: number;
};

/** Rounds of each lookahead in turn, behind `position` tokens; each one's first does not count. */
async function timeRounds(
  target: GraphModel,
  draft: GraphModel,
  position: number,
  lookaheads: readonly number[],
  budgetMs: number,
): Promise<TimedRound[]> {
  const size = target.vocabularySize;
  const processor = new Processor({ temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 }, size);
  const reads = passageStates(draft.featureWidth);
  const drafter = new SmallModelDrafter(draft, processor, -1, LONGEST_LOOKAHEAD, reads);
  const said = passage(position + 1, size);
  const context = new Context(said);
  const uniform = seededUniform(1);
  const times = lookaheads.map((lookahead) => ({
    lookahead,
    draftMs: [] as number[],
    passMs: [] as number[],
  }));
  // The clock does not mind what is in the caches, and reading so much would take longer than the rest.
  target.pretendToHold(position);
  draft.pretendToHold(position);
  const began = performance.now();
  for (let repeat = 0; repeat <= MOST_REPEATS; repeat++) {
    for (const { lookahead, draftMs, passMs } of times) {
      if (repeat > LEAST_REPEATS && performance.now() - began > budgetMs) break;
      target.rollback(position);
      draft.rollback(position);
      const start = performance.now();
      const { tokens } = await drafter.propose(context, lookahead, uniform);
      const drafted = performance.now();
      await target.forward([said[position], ...tokens]);
      if (repeat === 0) continue;
      draftMs.push(drafted - start);
      passMs.push(performance.now() - drafted);
    }
  }
  return times.map(({ lookahead, draftMs, passMs }) => ({
    lookahead,
    draftMs: median(draftMs),
    passMs: median(passMs),
    fastestPassMs: Math.min(...passMs),
  }));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** What a token takes in the middle of a usual take, at a usual α and the K that is best then; in milliseconds. */
export function usualTokenMs(costs: StepCosts): number {
  const lookahead = bestLookahead(costs, USUAL_ALPHA, USUAL_POSITION);
  return 1 / expectedSpeed(costs, USUAL_ALPHA, lookahead, USUAL_POSITION);
}

/**
 * What a token takes at a usual α if drafts cost nothing and the longest pass no more than one over two positions:
 * less than any lookahead can come to. The fastest of some passes counts. Forgets what the caches hold.
 */
export async function leastTokenMs(target: GraphModel): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat <= LEAST_REPEATS; repeat++) {
    target.rollback(0);
    const start = performance.now();
    await target.forward([0, 1]);
    fastest = Math.min(fastest, performance.now() - start);
  }
  target.rollback(0);
  return fastest / expectedTokens(USUAL_ALPHA, LONGEST_LOOKAHEAD);
}
