import { acceptanceRate, blockEfficiency, type Counters } from '../../contract/counters';
import type { EngineState } from '../../contract/engine';
import type { Round } from '../../contract/rounds';
import type { Take } from '../../contract/take';

/** What the panel says of one lane; null where there is nothing to say yet. */
export interface Figures {
  counters: Counters;
  acceptanceRate: number | null;
  blockEfficiency: number | null;
  tokensPerSecond: number | null;
  /** Time taken ÷ length of the speech: under 1 is faster than it is spoken. */
  realTimeFactor: number | null;
}

/** @param elapsedMs time taken so far, without waiting in the queue */
export function figuresOf(
  counters: Counters,
  elapsedMs: number,
  frames: number,
  frameRate: number,
): Figures {
  const seconds = elapsedMs / 1000;
  return {
    counters,
    acceptanceRate: acceptanceRate(counters),
    blockEfficiency: blockEfficiency(counters),
    tokensPerSecond: seconds > 0 && counters.committed > 0 ? counters.committed / seconds : null,
    realTimeFactor: frames > 0 && seconds > 0 ? (seconds * frameRate) / frames : null,
  };
}

export type SpeedUp = { known: true; times: number } | { known: false; why: string };

/**
 * How many times as fast as plain decoding on this machine: as timed with the take itself, which
 * stays true of it, else as last measured.
 */
export function speedUpOf(
  take: Take,
  tokensPerSecond: number | null,
  engine: EngineState,
): SpeedUp {
  if (take.settings.method === 'plain') return { known: true, times: 1 };
  if (take.plainTokensPerSecond !== null && tokensPerSecond !== null) {
    return { known: true, times: tokensPerSecond / take.plainTokensPerSecond };
  }
  if (engine.status !== 'ready') return { known: false, why: 'The engine is not running.' };
  if (engine.plainTokensPerSecond === null) {
    return { known: false, why: 'Plain decoding was not measured on this machine yet.' };
  }
  if (take.pack.sha256 !== engine.pack.sha256) {
    return { known: false, why: 'The take was made with another voice pack.' };
  }
  if (take.device !== engine.device.name) {
    return { known: false, why: `The take was made on another device (${take.device}).` };
  }
  if (tokensPerSecond === null) return { known: false, why: 'No token was made yet.' };
  return { known: true, times: tokensPerSecond / engine.plainTokensPerSecond };
}

/** Tokens drafted in the newest round that drafted, and in all such rounds on average. */
export type Lookaheads = { newest: number; mean: number };

export function lookaheadsOf(rounds: readonly Round[]): Lookaheads | null {
  let newest = 0;
  let drafted = 0;
  let drafting = 0;
  for (const { judged, ignored } of rounds) {
    const lookahead = judged.length + ignored.length;
    if (lookahead === 0) continue;
    newest = lookahead;
    drafted += lookahead;
    drafting += 1;
  }
  return drafting === 0 ? null : { newest, mean: drafted / drafting };
}

/** How many rounds kept 0, 1, … drafts, up to the most that one drafted; index is the number kept. */
export function acceptedLengths(rounds: readonly Round[]): number[] {
  const lengths = [0];
  for (const { judged, ignored } of rounds) {
    const drafted = judged.length + ignored.length;
    if (drafted === 0) continue;
    while (lengths.length <= drafted) lengths.push(0);
    lengths[judged.filter(({ accepted }) => accepted).length] += 1;
  }
  return lengths;
}

/**
 * Acceptance rate over a sliding window of rounds, as points of [seconds of speech, α]. Rounds
 * without a judged draft move the window on but make no point of their own.
 */
export function acceptanceOverTime(
  rounds: readonly Round[],
  frameRate: number,
  window: number,
): [seconds: number[], rates: number[]] {
  const seconds: number[] = [];
  const rates: number[] = [];
  let accepted = 0;
  let judged = 0;
  const add = (round: Round, sign: 1 | -1) => {
    judged += sign * round.judged.length;
    accepted += sign * round.judged.filter((draft) => draft.accepted).length;
  };
  rounds.forEach((round, index) => {
    add(round, 1);
    if (index >= window) add(rounds[index - window], -1);
    // The first few rounds alone would only show noise.
    if (index < Math.min(window, 5) - 1 || judged === 0 || round.judged.length === 0) return;
    seconds.push(round.frame / frameRate);
    rates.push(accepted / judged);
  });
  return [seconds, rates];
}
