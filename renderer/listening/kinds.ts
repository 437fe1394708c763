import type { ListeningKind } from '../../contract/listening';

export const KINDS: Record<ListeningKind, { label: string; says: string }> = {
  preference: {
    label: 'Preference',
    says: 'Which of two sounds better, or no preference. Best for settings that part ways.',
  },
  cmos: {
    label: 'CMOS',
    says: 'How much better the second sounds than the first, from −3 to +3.',
  },
  abx: {
    label: 'ABX',
    says: 'Which of two sounds a third one is. Two renderings of a sentence can always be told apart, so this cannot show that one sounds better, only that these recordings differ.',
  },
  mushra: {
    label: 'MUSHRA-like',
    says: 'Every setting rated from 0 to 100 against A as the open reference, with A hidden among them and a dull anchor (A below 3.5 kHz).',
  },
};
