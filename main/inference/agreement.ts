import type { Model } from '../decoding/model';
import { passageStates } from './passage';

type Pass = { keep: number; feed: number };

/** Prompts are long, and GPUs have other programs for passes of 32 positions and more. */
const PROMPT = 72;

/** Lengths of passes as decoding mixes them: a device that captures does each again later, behind others. */
const MIXED = [4, 5, 1, 2, 3, 1, 5, 9, 1, 4, 7, 1];
/** Where a take of some seconds stands, and a long one. */
const FAR = [400, 1200];

/**
 * A passage: a prompt, blocks and single steps in mixed order, each behind a rollback of up to three positions, and
 * some of them again far on, as far as there is room.
 */
function passesWithin(maxLength: number): Pass[] {
  const prompt = Math.min(PROMPT, maxLength - 8);
  const passes: Pass[] = [{ keep: 0, feed: prompt }];
  let length = prompt;
  const add = (feed: number, rollback: number) => {
    const keep = Math.max(0, length - rollback);
    if (keep + feed > maxLength) return;
    passes.push({ keep, feed });
    length = keep + feed;
  };
  for (const [i, feed] of MIXED.entries()) add(feed, i % 4);
  for (const position of FAR) {
    if (position + 16 > maxLength) break;
    add(position - length, 0);
    for (const feed of MIXED.slice(0, 3)) add(feed, 1);
  }
  return passes;
}

/** Rows of a pass that are compared: all of a prompt's, which shows where a device's long passes are wrong. */
const MOST_ROWS = PROMPT;

/**
 * Largest KL divergence, in nats, between the next-token distributions of two models over a passage of a prompt,
 * blocks, single steps and rollbacks. `token(position)` names what is fed there.
 */
export async function divergence(
  reference: Model,
  candidate: Model,
  token: (position: number, pass: number) => number,
): Promise<number> {
  const reads = passageStates(reference.featureWidth ?? 0);
  let most = 0;
  const maxLength = Math.min(reference.maxLength, candidate.maxLength);
  for (const [pass, { keep, feed }] of passesWithin(maxLength).entries()) {
    const tokens = Array.from({ length: feed }, (_, i) => token(keep + i, pass));
    const rows: Float32Array[] = [];
    for (const model of [reference, candidate]) {
      model.rollback(keep);
      rows.push((await model.forward(tokens, reads)).slice());
    }
    for (let row = Math.max(0, feed - MOST_ROWS); row < feed; row++) {
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
