import type { AcceptanceRule, Verdict } from './acceptance';
import { Context } from './context';
import { drawFrom } from './distribution';
import type { Drafter, Proposal } from './drafter';
import type { LookaheadPolicy } from './lookahead';
import type { Model } from './model';
import type { Processor } from './processors';
import type { Uniform } from './random';

/** The token drawn from the target at the end of a round. */
export type Drawn = { token: number; kind: 'recovered' | 'bonus' };

/** One round: what was drafted, what was kept, what the target added. */
export type DecodedRound = {
  /** Accepted drafts first; at most the last one is rejected. */
  judged: Verdict[];
  /** Drafts after the first rejection, never judged. */
  ignored: number[];
  /** Drafts that were asked for, K; 0 when decoding plainly or where the cache has no room. */
  lookahead: number;
  /** Null when an accepted end-of-speech ended the round: nothing follows it. */
  drawn: Drawn | null;
  /** The last committed token is end-of-speech. */
  ended: boolean;
  draftCalls: number;
  /** Proposals that the recovered token took; 0 without one. */
  trials: number;
};

/** Why decoding stopped by itself. */
export type DecodingEnd = 'endOfSpeech' | 'maximumLength';

/** How a run speculates. A lookahead that is a number is the same in every round. */
export type Speculation = {
  drafter: Drafter;
  rule: AcceptanceRule;
  lookahead: number | LookaheadPolicy;
};

/** What one decoding run works with. */
export type DecodingRun = {
  target: Model;
  processor: Processor;
  /** Null decodes plainly: rounds without drafts, one token each. */
  speculation: Speculation | null;
  /** At least one token; none is an acoustic token. */
  prompt: readonly number[];
  endOfSpeech: number;
  uniform: Uniform;
};

/**
 * Speculative decoding: propose, verify, accept, commit, rollback, until end-of-speech or until the
 * target's cache is full. Yields each round once it is committed; leaving the iteration cancels.
 */
export async function* decode(run: DecodingRun): AsyncGenerator<DecodedRound, DecodingEnd> {
  const context = new Context(run.prompt);
  const verifier = new Verifier(run);
  await verifier.prefill(context);
  // The newest token is not yet fed, so a full cache still has its logits to come.
  while (context.length <= run.target.maxLength) {
    const round = await decodeRound(run, context, verifier);
    yield round;
    if (round.ended) return 'endOfSpeech';
  }
  return 'maximumLength';
}

async function decodeRound(
  run: DecodingRun,
  context: Context,
  verifier: Verifier,
): Promise<DecodedRound> {
  const { speculation } = run;
  const committedBefore = context.length;
  const callsBefore = speculation?.drafter.calls ?? 0;
  const lookahead = nextLookahead(run, committedBefore);
  const proposal =
    speculation && lookahead > 0
      ? await speculation.drafter.propose(context, lookahead, run.uniform)
      : NO_PROPOSAL;
  await verifier.verify(context, proposal);
  const round = accept(run, context, verifier, proposal);
  round.lookahead = lookahead;
  round.draftCalls = (speculation?.drafter.calls ?? 0) - callsBefore;
  const accepted = commit(context, round);
  // Both caches keep what was committed before the round and the accepted drafts behind it.
  run.target.rollback(committedBefore + accepted);
  speculation?.drafter.observe({ committedBefore, accepted });
  if (speculation && typeof speculation.lookahead !== 'number') {
    speculation.lookahead.observe({ accepted, judged: round.judged.length });
  }
  return round;
}

const NO_PROPOSAL: Proposal = { tokens: [], q: [] };

function nextLookahead({ speculation, target }: DecodingRun, committed: number): number {
  if (speculation === null) return 0;
  const { lookahead } = speculation;
  const wanted = typeof lookahead === 'number' ? lookahead : lookahead.next(committed);
  return Math.min(wanted, target.maxLength - committed);
}

/** Runs the target over a proposal and reads p behind each of its tokens. */
class Verifier {
  private logits: Float32Array = new Float32Array(0);
  /** Row of the logits that judges the first draft token. */
  private firstRow = 0;
  private readonly p: Float32Array;
  private readonly fed: number[] = [];

  constructor(private readonly run: DecodingRun) {
    this.p = new Float32Array(run.processor.vocabularySize);
  }

  /** Feeds all of the prompt but its newest token, which the first round feeds. */
  async prefill(context: Context): Promise<void> {
    this.run.target.rollback(0);
    const fed = context.from(0).slice(0, -1);
    if (fed.length > 0) await this.run.target.forward(fed);
  }

  async verify(context: Context, proposal: Proposal): Promise<void> {
    const { target, endOfSpeech } = this.run;
    const { fed } = this;
    context.copyFrom(target.length, fed);
    this.firstRow = fed.length - 1;
    // Nothing follows end-of-speech, so nothing needs the logits behind it.
    for (const token of proposal.tokens) if (token !== endOfSpeech) fed.push(token);
    this.logits = await target.forward(fed);
  }

  /** p behind draft i − 1 (behind the newest committed token for i = 0). Reused by each call. */
  target(i: number, context: Context): Float32Array {
    this.run.processor.distribution(this.logits, this.firstRow + i, context, this.p);
    return this.p;
  }
}

function accept(
  run: DecodingRun,
  context: Context,
  verifier: Verifier,
  proposal: Proposal,
): DecodedRound {
  const { endOfSpeech, uniform } = run;
  const committed = context.length;
  const round: DecodedRound = {
    judged: [],
    ignored: [],
    lookahead: 0,
    drawn: null,
    ended: false,
    draftCalls: 0,
    trials: 0,
  };
  for (let i = 0; i < proposal.tokens.length; i++) {
    const token = proposal.tokens[i];
    const { rule } = run.speculation as NonNullable<DecodingRun['speculation']>;
    const p = verifier.target(i, context);
    const verdict = rule.judge(token, p, proposal.q[i], uniform);
    round.judged.push(verdict);
    if (!verdict.accepted) {
      const recovery = rule.recover(p, proposal.q[i], uniform);
      round.drawn = { token: recovery.token, kind: 'recovered' };
      round.trials = recovery.trials;
      round.ignored = proposal.tokens.slice(i + 1);
      break;
    }
    context.push(token);
    round.ended = token === endOfSpeech;
  }
  if (round.drawn === null && !round.ended) {
    const p = verifier.target(proposal.tokens.length, context);
    round.drawn = { token: drawFrom(p, uniform()), kind: 'bonus' };
  }
  if (round.drawn) round.ended = round.drawn.token === endOfSpeech;
  context.truncate(committed);
  return round;
}

/** Returns how many drafts were accepted. */
function commit(context: Context, round: DecodedRound): number {
  let accepted = 0;
  for (const verdict of round.judged) {
    if (!verdict.accepted) continue;
    context.push(verdict.token);
    accepted++;
  }
  if (round.drawn) context.push(round.drawn.token);
  return accepted;
}
