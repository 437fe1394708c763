import type { JudgedDraft } from '../../../contract/rounds';
import type { CellKind, FrameDetail, GhostKind } from './cells';
import type { RibbonPlace } from './hit';

/** Names in the legend, and what they mean. */
export const CELL_WORDS: Record<Exclude<CellKind, 'silence'>, { name: string; says: string }> = {
  plain: { name: 'drawn', says: 'Drawn from the target model; plain decoding drafts nothing.' },
  keptByBoth: { name: 'kept by both', says: 'Drafts that the exact rule and the group rule keep.' },
  keptByGroup: {
    name: 'group alone',
    says: 'Drafts kept because their group passed; the exact rule would have refused them.',
  },
  keptByToken: {
    name: 'exact alone',
    says: 'Drafts that the exact rule kept; the group rule would have refused them.',
  },
  recovered: { name: 'recovered', says: 'Drawn from the target after a draft was rejected.' },
  bonus: { name: 'bonus', says: 'The extra token of a round whose drafts were all kept.' },
};

export const GHOST_WORDS: Record<Exclude<GhostKind, 'none'>, { name: string; says: string }> = {
  refusedByBoth: { name: 'both refuse', says: 'Rejected drafts that neither rule keeps.' },
  keptByTokenOnly: {
    name: 'exact would keep',
    says: 'Drafts that the group rule rejected and the exact rule would have kept.',
  },
  keptByGroupOnly: {
    name: 'group would keep',
    says: 'Drafts that the exact rule rejected and the group rule would have kept.',
  },
};

/** What the two rules said of a draft, in a sentence. */
export function verdictOf({ accepted, byToken, byGroup }: JudgedDraft): string {
  if (accepted) {
    if (byToken && byGroup) return 'Kept: both rules keep it.';
    if (byGroup) return 'Kept by the group alone: the exact rule would have refused it.';
    return 'Kept by the exact rule: the group rule would have refused it.';
  }
  if (byToken) return 'Rejected by the group rule: the exact rule alone would have kept it.';
  if (byGroup) return 'Rejected by the exact rule: the group would have kept it.';
  return 'Rejected: both rules refuse it.';
}

/** What an inspected place is, in a sentence. */
export function sentenceOf(detail: FrameDetail, { part }: RibbonPlace): string {
  if (part === 'rejected' && detail.rejected) return verdictOf(detail.rejected);
  if (detail.draft) return verdictOf(detail.draft);
  if (detail.kind === 'plain') return 'Drawn from the target: plain decoding drafts nothing.';
  if (detail.kind === 'bonus') return 'Bonus: drawn from the target after all drafts were kept.';
  return 'Recovered: drawn from the target in place of the rejected draft.';
}

/** The draft that an inspected place is about; null for a token that was drawn. */
export function draftOf(detail: FrameDetail, { part }: RibbonPlace): JudgedDraft | null {
  return part === 'rejected' ? detail.rejected : detail.draft;
}

/** A ratio of probabilities, which may be tiny or unbounded. */
export function showRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '∞';
  if (ratio >= 100) return Math.round(ratio).toLocaleString('en');
  if (ratio >= 0.01 || ratio === 0) return ratio.toFixed(2);
  return ratio.toExponential(1);
}

/** The inspected place for a screen reader. */
export function spokenWords(detail: FrameDetail, place: RibbonPlace, frameRate: number): string {
  const seconds = (detail.frame / frameRate).toFixed(2);
  const draft = draftOf(detail, place);
  const token = place.part === 'rejected' && draft ? draft.token : detail.token;
  const what = place.part === 'rejected' ? 'rejected draft' : 'token';
  const figures = draft
    ? ` p over q ${showRatio(draft.ratio)}, group mass ratio ${showRatio(draft.massRatio)}, group of ${draft.groupSize}.`
    : '';
  const below = place.part === 'token' && detail.rejected ? ' A rejected draft is below.' : '';
  return `Frame ${detail.frame}, ${seconds} seconds, ${what} ${token}. ${sentenceOf(detail, place)}${figures}${below}`;
}
