import type { DecodedRound } from './loop';

/**
 * Raw counts. drafted = accepted + rejected + ignored; committed = accepted + recovered + bonus.
 * A plain token is the bonus of a round without drafts.
 */
export type DecodingCounters = {
  rounds: number;
  drafted: number;
  accepted: number;
  rejected: number;
  ignored: number;
  recovered: number;
  bonus: number;
  committed: number;
  /** Verifying passes, one a round; prefill is not among them. */
  targetCalls: number;
  draftCalls: number;
};

export function noCounts(): DecodingCounters {
  return {
    rounds: 0,
    drafted: 0,
    accepted: 0,
    rejected: 0,
    ignored: 0,
    recovered: 0,
    bonus: 0,
    committed: 0,
    targetCalls: 0,
    draftCalls: 0,
  };
}

/** Adds a round to the counts, in place. */
export function countRound(
  counters: DecodingCounters,
  round: Pick<DecodedRound, 'judged' | 'ignored' | 'drawn' | 'draftCalls'>,
): void {
  let accepted = 0;
  for (const verdict of round.judged) if (verdict.accepted) accepted++;
  counters.rounds++;
  counters.targetCalls++;
  counters.draftCalls += round.draftCalls;
  counters.drafted += round.judged.length + round.ignored.length;
  counters.accepted += accepted;
  counters.rejected += round.judged.length - accepted;
  counters.ignored += round.ignored.length;
  if (round.drawn) counters[round.drawn.kind]++;
  counters.committed += accepted + (round.drawn ? 1 : 0);
}
