import type { DraftingChoice } from '../../contract/engine';
import { Context } from '../decoding/context';
import { SmallModelDrafter } from '../decoding/drafter';
import { interpolate, LONGEST_LOOKAHEAD, type StepCosts } from '../decoding/lookahead';
import type { Model } from '../decoding/model';
import { Processor } from '../decoding/processors';
import { seededUniform } from '../decoding/random';
import { passage } from './passage';

/** What single steps take here, in milliseconds. */
export type MeasuredSteps = {
  /** A draft step, sampling included. */
  draftMs: number;
  /** A target pass over S positions, at index S − 1. */
  passMs: number[];
};

/** Lengths of the passes that are timed; those between are interpolated. */
const PASSES = [1, LONGEST_LOOKAHEAD + 1, 4, 2];
const DRAFTED = 4;
const MOST_REPEATS = 5;
/** No further measurement begins after so many milliseconds. */
const BUDGET_MS = 200;

/**
 * Times passes of the target and steps of the draft over a short passage, in turn; the fastest of
 * each counts, for whatever else runs on the machine only slows them. Takes a fifth of a second and
 * the pass under way, or less. Forgets what the caches hold.
 */
export async function measureSteps(target: Model, draft: Model): Promise<MeasuredSteps> {
  const size = target.vocabularySize;
  const longest = LONGEST_LOOKAHEAD + 1;
  const room = Math.min(target.maxLength, draft.maxLength) - longest;
  const said = passage(Math.max(1, Math.min(48, room)), size);
  const settings = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 };
  const drafter = new SmallModelDrafter(draft, new Processor(settings, size), -1, DRAFTED);
  const context = new Context(said);
  const uniform = seededUniform(1);
  const best = new Map<number | 'draft', number>();
  const time = async (what: number | 'draft', work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    best.set(what, Math.min(best.get(what) ?? Number.POSITIVE_INFINITY, performance.now() - start));
  };

  target.rollback(0);
  const began = performance.now();
  await target.forward(said);
  await draft.forward(said);
  for (let repeat = 0; repeat <= MOST_REPEATS; repeat++) {
    // What a length's first pass takes, it takes once only.
    if (repeat === 1) best.clear();
    for (const what of ['draft', ...PASSES] as const) {
      if (repeat > 1 && performance.now() - began > BUDGET_MS) break;
      if (what === 'draft') {
        draft.rollback(said.length - 1);
        await time(what, () => drafter.propose(context, DRAFTED, uniform));
      } else {
        target.rollback(said.length);
        const tokens = Array.from({ length: what }, (_, i) => i % size);
        await time(what, () => target.forward(tokens));
      }
    }
  }
  target.rollback(0);
  draft.rollback(0);
  const passes = PASSES.toSorted((a, b) => a - b).map((length): [number, number] => [
    length,
    best.get(length) as number,
  ]);
  return { draftMs: (best.get('draft') as number) / DRAFTED, passMs: interpolate(passes, longest) };
}

/** Costs of rounds, drafted in one call for the lookaheads of which `choices` say so. */
export function stepCosts(steps: MeasuredSteps, choices: readonly DraftingChoice[]): StepCosts {
  const draft = Array.from({ length: LONGEST_LOOKAHEAD }, (_, i) => (i + 1) * steps.draftMs);
  for (const { lookahead, fused, fusedMs } of choices) {
    if (fused && fusedMs !== null) draft[lookahead - 1] = Math.min(fusedMs, draft[lookahead - 1]);
  }
  return { draft, pass: steps.passMs };
}
