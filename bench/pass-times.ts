import type { GraphModel } from '../main/inference/graph-model';
import { passage, passageStates } from '../main/inference/passage';
import { spread } from './summary';

/** Positions that the caches hold before each pass: some four seconds into a take. */
export const POSITION = 200;

/** A GPU that rested is slow at first. */
const WARM_UPS = 5;
const TURNS = 3;
const REPEATS = 15;

/**
 * Milliseconds that a pass of each model takes for each number of positions, [models][lengths], by turns: the medians.
 */
export async function passTimes(
  models: readonly GraphModel[],
  lengths: readonly number[],
): Promise<number[][]> {
  const times = models.map(() => lengths.map((): number[] => []));
  for (const model of models) {
    model.rollback(0);
    await model.forward(passage(POSITION, model.vocabularySize), passageStates(model.featureWidth));
  }
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [at, model] of models.entries()) {
      const reads = passageStates(model.featureWidth);
      for (const [i, length] of lengths.entries()) {
        const tokens = passage(length, model.vocabularySize);
        for (let repeat = 0; repeat < WARM_UPS + REPEATS; repeat++) {
          model.rollback(POSITION);
          const start = performance.now();
          await model.forward(tokens, reads);
          if (repeat >= WARM_UPS) times[at][i].push(performance.now() - start);
        }
      }
    }
  }
  return times.map((own) => own.map((all) => spread(all).median));
}
