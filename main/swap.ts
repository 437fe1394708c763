import { FailureError } from '../contract/failure';
import { frameCount, frameTokens, type Round } from '../contract/rounds';
import type { CodecContext } from './inference/messages';

/** Seconds to hear on either side of a swapped frame. */
const AROUND_SECONDS = 0.3;

/** A stretch of tokens to vocode, and which of its frames to hear, [from, to). */
export type SwapExcerpt = { tokens: number[]; from: number; to: number };

/**
 * The moment around `frame` with `token` in its place, with the codec's context around it as far
 * as there is some, so that it sounds as it would in the take. Does not cross into another piece.
 * Throws a `usage` failure for a frame without a token.
 */
export function swapExcerpt(
  rounds: readonly Round[],
  swap: { frame: number; token: number },
  { frameRate, contextFrames }: { frameRate: number; contextFrames: CodecContext },
): SwapExcerpt {
  const round = rounds.find(
    ({ frame, ...rest }) =>
      frame <= swap.frame && swap.frame < frame + frameCount({ frame, ...rest }),
  );
  if (!round) {
    throw new FailureError('usage', `Frame ${swap.frame} of this take holds no token.`);
  }
  const piece = rounds.filter((one) => one.piece === round.piece);
  const start = piece[0].frame;
  const tokens = piece.flatMap(frameTokens);
  const at = swap.frame - start;
  tokens[at] = swap.token;
  const around = Math.round(AROUND_SECONDS * frameRate);
  const from = Math.max(0, at - around);
  const to = Math.min(tokens.length, at + around + 1);
  const first = Math.max(0, from - contextFrames.before);
  return {
    tokens: tokens.slice(first, to + contextFrames.after),
    from: from - first,
    to: to - first,
  };
}
