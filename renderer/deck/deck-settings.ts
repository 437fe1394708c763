import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export interface DeckSettings {
  /** A single take is played from its first sound on. */
  listenLive: boolean;
  /** Both lanes are played equally loud. */
  matchLevels: boolean;
  /** A switch of lanes starts from the beginning (of the loop) instead of at the same time. */
  restartOnSwitch: boolean;
}

/** How the deck plays; remembered on this machine. */
export const useDeckSettings = create<DeckSettings>()(
  persist((): DeckSettings => ({ listenLive: true, matchLevels: true, restartOnSwitch: false }), {
    name: 'timbrel-deck',
  }),
);
