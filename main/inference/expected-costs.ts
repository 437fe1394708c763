import { LONGEST_LOOKAHEAD, type StepCosts } from '../decoding/lookahead';
import type { DecoderGraph, Device } from './messages';
import { PROVIDERS } from './providers';

/** A head, an embedding and what else a decoder has besides layers take about as long as so many layers. */
const BESIDES_LAYERS = 2;

/** What a round with drafts takes besides, in passes: the draft catches up, and more rows are judged. */
const FOR_A_ROUND = 0.12;

/**
 * What the steps of a round can be expected to take, in passes of the target over one position, from the depth of the
 * graphs and the kind of device alone. Nothing is timed, so that one seed gives one take at every start, whatever else
 * runs. `expected-costs.test.ts` holds the lookaheads that come of it against what steps took on several machines.
 */
export function expectedCosts(
  target: Pick<DecoderGraph, 'layers'>,
  draft: Pick<DecoderGraph, 'layers'>,
  device: Device,
): StepCosts {
  const { growth, growthByPosition } = PROVIDERS[device];
  const step = (draft.layers + BESIDES_LAYERS) / (target.layers + BESIDES_LAYERS);
  return {
    draft: Array.from({ length: LONGEST_LOOKAHEAD }, (_, i) => FOR_A_ROUND + step * (i + 1)),
    pass: Array.from({ length: LONGEST_LOOKAHEAD + 1 }, (_, i) => 1 + growth * i),
    perPosition: growthByPosition,
  };
}
