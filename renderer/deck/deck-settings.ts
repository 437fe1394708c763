import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { SwitchMode } from './mixer';

export interface DeckSettings {
  /** A single take is played from its first sound on. */
  listenLive: boolean;
  /** Both lanes are played equally loud. */
  matchLevels: boolean;
  /** Where a switch of lanes goes on. */
  switchMode: SwitchMode;
  /** Spectrum and pitch under each waveform. */
  showSpectrogram: boolean;
  /** Where the lanes differ, between them. */
  showDifferences: boolean;
}

/** How the deck plays; remembered on this machine. */
export const useDeckSettings = create<DeckSettings>()(
  persist(
    (): DeckSettings => ({
      listenLive: true,
      matchLevels: true,
      switchMode: 'time',
      showSpectrogram: false,
      showDifferences: false,
    }),
    { name: 'timbrel-deck' },
  ),
);
