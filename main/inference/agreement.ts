import type { Model } from '../decoding/model';
import { passageStates } from './passage';

type Pass = { keep: number; feed: number };

/** Prompts are long, and GPUs have other programs for passes of 32 positions and more. */
const PROMPT = 72;

/** A short passage: a prompt, a block behind it, a rollback into that, a block again, a single step. */
function passesWithin(maxLength: number): Pass[] {
  const prompt = Math.min(PROMPT, maxLength - 8);
  return [
    { keep: 0, feed: prompt },
    { keep: prompt, feed: 4 },
    { keep: prompt + 1, feed: 5 },
    { keep: prompt + 6, feed: 1 },
  ];
}

/**
 * Largest KL divergence, in nats, between the next-token distributions of two models over a short
 * passage of a prompt, blocks, a single step and a rollback. `token(position)` names what is fed there.
 */
export async function divergence(
  reference: Model,
  candidate: Model,
  token: (position: number, pass: number) => number,
): Promise<number> {
  const reads = passageStates(reference.featureWidth ?? 0);
  let most = 0;
  for (const [pass, { keep, feed }] of passesWithin(reference.maxLength).entries()) {
    const tokens = Array.from({ length: feed }, (_, i) => token(keep + i, pass));
    const rows: Float32Array[] = [];
    for (const model of [reference, candidate]) {
      model.rollback(keep);
      rows.push((await model.forward(tokens, reads)).slice());
    }
    for (let row = 0; row < feed; row++) {
      most = Math.max(most, klOfRow(rows[0], rows[1], row, reference.vocabularySize));
    }
  }
  reference.rollback(0);
  candidate.rollback(0);
  return most;
}

/** KL(softmax(a) ‖ softmax(b)) of one row of logits, in nats. */
export function klOfRow(a: Float32Array, b: Float32Array, row: number, size: number): number {
  const logA = logSoftmax(a.subarray(row * size, (row + 1) * size));
  const logB = logSoftmax(b.subarray(row * size, (row + 1) * size));
  return logA.reduce((sum, value, t) => sum + Math.exp(value) * (value - logB[t]), 0);
}

function logSoftmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
  return Float64Array.from(logits, (logit) => logit - most - Math.log(sum));
}
