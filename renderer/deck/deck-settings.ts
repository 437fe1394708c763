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
}

/** How the deck plays; remembered on this machine. */
export const useDeckSettings = create<DeckSettings>()(
  persist((): DeckSettings => ({ listenLive: true, matchLevels: true, switchMode: 'time' }), {
    name: 'timbrel-deck',
  }),
);
