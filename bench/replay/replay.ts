import type { Lookahead, Method } from '../../contract/settings';
import { acceptanceRule } from '../../main/decoding/acceptance';
import { countRound, noCounts } from '../../main/decoding/counters';
import { SmallModelDrafter } from '../../main/decoding/drafter';
import type { Groups } from '../../main/decoding/groups';
import { AdaptiveLookahead, LONGEST_LOOKAHEAD } from '../../main/decoding/lookahead';
import { decode, type Speculation } from '../../main/decoding/loop';
import { Processor, type ProcessorSettings } from '../../main/decoding/processors';
import { seededUniform } from '../../main/decoding/random';
import { expectedCosts } from '../../main/inference/expected-costs';
import type { Device, SpeakResult } from '../../main/inference/messages';
import {
  closeDecoders,
  type DecoderPack,
  type Decoders,
  openDecoders,
} from '../../main/inference/models';
import { passage } from '../../main/inference/passage';
import { replayedRule, typicalStarts } from './replayed-rule';
import VERDICTS from './verdicts.json';

/** What is decoded, and how, when acceptance is a recorded one. */
export type Replay = {
  method: Method;
  lookahead: Lookahead;
  groups: Groups;
  /** Positions before the first token. */
  promptLength: number;
  tokens: number;
  seed: number;
};

const SETTINGS: ProcessorSettings = { temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1 };

/** Seeds begin at places far apart. */
function startFor(kind: 'exact' | 'pcg', tokens: number, seed: number): number {
  // A token takes one verdict, but for the bonus tokens.
  const starts = typicalStarts(VERDICTS[kind], Math.round(0.9 * tokens));
  return starts[Math.floor(seed * 0.618 * starts.length) % starts.length];
}

/** No token ends a replay. */
const NEVER = -1;

/**
 * A pair of decoders of which only the costs are looked at: they decode from any position, without
 * text and without a codec, and drafts are kept as they were in a recorded run.
 */
export class ReplayingPair {
  private constructor(
    private readonly decoders: Decoders,
    private readonly on: Device,
  ) {}

  static async open(pack: DecoderPack, device: Device, threads: number): Promise<ReplayingPair> {
    const decoders = await openDecoders(pack, device, threads);
    return new ReplayingPair(decoders, device);
  }

  get maxLength(): number {
    return this.decoders.target.maxLength;
  }

  get vocabularySize(): number {
    return this.decoders.target.vocabularySize;
  }

  /** The time is that of the tokens; reading the prompt is not in it. */
  async run(replay: Replay): Promise<SpeakResult> {
    const { target, draft } = this.decoders;
    const speculation = replay.method === 'plain' ? null : await this.speculation(replay);
    const rounds = decode({
      target,
      processor: new Processor(SETTINGS, this.vocabularySize),
      speculation,
      prompt: passage(replay.promptLength, this.vocabularySize),
      endOfSpeech: NEVER,
      uniform: seededUniform(replay.seed),
    });
    // The first round reads the prompt, by both models.
    await rounds.next();
    const counters = noCounts();
    const before = { target: target.stopwatch.ms, draft: draft.stopwatch.ms };
    const start = performance.now();
    while (counters.committed < replay.tokens) {
      const { done, value } = await rounds.next();
      if (done) throw new RangeError('The caches have no room for so many tokens.');
      countRound(counters, value);
    }
    const wallMs = performance.now() - start;
    return {
      cancelled: false,
      counters,
      frames: counters.committed,
      wallMs,
      firstSoundMs: null,
      plainTokensPerSecond: null,
      targetMs: target.stopwatch.ms - before.target,
      draftMs: draft.stopwatch.ms - before.draft,
      codecMs: 0,
    };
  }

  async close(): Promise<void> {
    await closeDecoders(this.decoders);
  }

  private adaptive(): AdaptiveLookahead {
    const { target, draft } = this.decoders;
    return new AdaptiveLookahead(expectedCosts(target.graph, draft.graph, this.on));
  }

  private async speculation(replay: Replay): Promise<Speculation> {
    const { method, lookahead, groups, seed } = replay;
    const kind = method === 'exact' ? 'exact' : 'pcg';
    const rule = acceptanceRule(kind, groups, SETTINGS.temperature);
    const processor = new Processor(SETTINGS, this.vocabularySize);
    const { target, draft } = this.decoders;
    return {
      drafter: new SmallModelDrafter(draft, processor, NEVER, LONGEST_LOOKAHEAD, target),
      rule: replayedRule(rule, VERDICTS[kind], startFor(kind, replay.tokens, seed)),
      lookahead: lookahead === 'adaptive' ? this.adaptive() : lookahead,
    };
  }
}
