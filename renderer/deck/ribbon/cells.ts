import {
  committedTokens,
  frameCount,
  type JudgedDraft,
  type Round,
} from '../../../contract/rounds';

/** How the token of a frame came to be. `silence` is a frame between pieces, without a token. */
export const CELL_KINDS = [
  'silence',
  'plain',
  'keptByBoth',
  'keptByGroup',
  'keptByToken',
  'recovered',
  'bonus',
] as const;
export type CellKind = (typeof CELL_KINDS)[number];

/** What became of a draft that was rejected in a frame. */
export const GHOST_KINDS = ['none', 'refusedByBoth', 'keptByTokenOnly', 'keptByGroupOnly'] as const;
export type GhostKind = (typeof GHOST_KINDS)[number];

/** Tokens of each kind. End-of-speech, which fills no frame, is counted with its kind. */
export type RibbonCounts = Record<Exclude<CellKind, 'silence'>, number> &
  Record<Exclude<GhostKind, 'none'>, number> & { ignored: number };

/** Everything known of one frame. */
export interface FrameDetail {
  frame: number;
  token: number;
  kind: CellKind;
  /** The judged draft that became this token; null when the token was drawn. */
  draft: JudgedDraft | null;
  /** The draft that was rejected here, before this token was recovered. */
  rejected: JudgedDraft | null;
  round: Round;
}

const KIND = Object.fromEntries(CELL_KINDS.map((kind, index) => [kind, index])) as Record<
  CellKind,
  number
>;
const GHOST = Object.fromEntries(GHOST_KINDS.map((kind, index) => [kind, index])) as Record<
  GhostKind,
  number
>;

/** The token ribbon of one take: a cell a frame, kept in typed arrays that grow with the rounds. */
export class RibbonCells {
  /** Index into `CELL_KINDS` for each frame below `frames`. */
  kinds = new Uint8Array(256);
  /** Index into `GHOST_KINDS` for each frame; may reach one frame past the last cell. */
  ghosts = new Uint8Array(256);
  /** Token of each frame below `frames`; −1 in a silence. */
  tokens = new Int32Array(256).fill(-1);
  private roundOf = new Int32Array(256).fill(-1);
  private ghostRoundOf = new Int32Array(256).fill(-1);
  private readonly rounds: Round[] = [];
  private filled = 0;
  readonly counts: RibbonCounts = {
    plain: 0,
    keptByBoth: 0,
    keptByGroup: 0,
    keptByToken: 0,
    recovered: 0,
    bonus: 0,
    refusedByBoth: 0,
    keptByTokenOnly: 0,
    keptByGroupOnly: 0,
    ignored: 0,
  };

  /** @param plain whether the take was decoded without drafts, where each token is drawn */
  constructor(private readonly plain: boolean) {}

  /** Frames from the start to the last one that has a token. */
  get frames(): number {
    return this.filled;
  }

  get allRounds(): readonly Round[] {
    return this.rounds;
  }

  append(rounds: readonly Round[]): void {
    for (const round of rounds) this.appendOne(round);
  }

  /** Null for a silence and beyond the end. */
  detail(frame: number): FrameDetail | null {
    if (frame < 0 || frame >= this.filled || this.roundOf[frame] < 0) return null;
    const round = this.rounds[this.roundOf[frame]];
    const place = frame - round.frame;
    const draft = round.judged[place];
    return {
      frame,
      token: committedTokens(round)[place],
      kind: CELL_KINDS[this.kinds[frame]],
      draft: draft?.accepted ? draft : null,
      rejected: this.rejectedAt(frame),
      round,
    };
  }

  /** The nearest frame with a token from `frame` on, going by `step`; null when there is none. */
  nearest(frame: number, step: 1 | -1): number | null {
    for (let at = frame; at >= 0 && at < this.filled; at += step) {
      if (this.roundOf[at] >= 0) return at;
    }
    return null;
  }

  private rejectedAt(frame: number): JudgedDraft | null {
    const index = this.ghostRoundOf[frame] ?? -1;
    if (index < 0) return null;
    return this.rounds[index].judged.find((draft) => !draft.accepted) ?? null;
  }

  private appendOne(round: Round): void {
    const index = this.rounds.push(round) - 1;
    const frames = frameCount(round);
    // A rejected draft stands where the recovered token stands, which may be end-of-speech.
    this.reserve(round.frame + frames + 1);
    let frame = round.frame;
    for (const draft of round.judged) {
      if (!draft.accepted) {
        const ghost = ghostKindOf(draft);
        this.ghosts[frame] = GHOST[ghost];
        this.ghostRoundOf[frame] = index;
        this.counts[ghost]++;
        continue;
      }
      const kind = keptKindOf(draft);
      this.counts[kind]++;
      this.put(frame++, kind, draft.token, index, round.frame + frames);
    }
    this.counts.ignored += round.ignored.length;
    if (round.drawn) {
      const kind = this.plain ? 'plain' : round.drawn.kind;
      this.counts[kind]++;
      this.put(frame, kind, round.drawn.token, index, round.frame + frames);
    }
    this.filled = Math.max(this.filled, round.frame + frames);
  }

  /** Fills the frame, unless the token is the end-of-speech at `end`. */
  private put(frame: number, kind: CellKind, token: number, round: number, end: number): void {
    if (frame >= end) return;
    this.tokens[frame] = token;
    this.kinds[frame] = KIND[kind];
    this.roundOf[frame] = round;
  }

  private reserve(frames: number): void {
    if (frames <= this.kinds.length) return;
    const size = Math.max(frames, this.kinds.length * 2);
    this.kinds = copied(this.kinds, new Uint8Array(size));
    this.ghosts = copied(this.ghosts, new Uint8Array(size));
    this.tokens = copied(this.tokens, new Int32Array(size).fill(-1));
    this.roundOf = copied(this.roundOf, new Int32Array(size).fill(-1));
    this.ghostRoundOf = copied(this.ghostRoundOf, new Int32Array(size).fill(-1));
  }
}

function copied<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function keptKindOf({
  byToken,
  byGroup,
}: JudgedDraft): 'keptByBoth' | 'keptByGroup' | 'keptByToken' {
  if (byToken && byGroup) return 'keptByBoth';
  return byToken ? 'keptByToken' : 'keptByGroup';
}

function ghostKindOf({ byToken, byGroup }: JudgedDraft): Exclude<GhostKind, 'none'> {
  if (byToken) return 'keptByTokenOnly';
  return byGroup ? 'keptByGroupOnly' : 'refusedByBoth';
}

/** Kept drafts; the take's `counters.accepted`. */
export function acceptedOf(counts: RibbonCounts): number {
  return counts.keptByBoth + counts.keptByGroup + counts.keptByToken;
}

/** Refused drafts; the take's `counters.rejected`. */
export function rejectedOf(counts: RibbonCounts): number {
  return counts.refusedByBoth + counts.keptByTokenOnly + counts.keptByGroupOnly;
}

/** Tokens drawn with no draft left to judge; the take's `counters.bonus`. */
export function bonusOf(counts: RibbonCounts): number {
  return counts.bonus + counts.plain;
}
