import type { CellKind, GhostKind } from './cells';

export type Theme = 'dark' | 'light';

export interface RibbonPalette {
  ground: string;
  cells: Record<Exclude<CellKind, 'silence'>, string>;
  ghosts: Record<Exclude<GhostKind, 'none'>, string>;
}

/** After Okabe and Ito; the test beside holds them apart for every kind of colour vision. */
export const PALETTES: Record<Theme, RibbonPalette> = {
  dark: {
    ground: '#0e1013',
    cells: {
      plain: '#9aa3b2',
      keptByBoth: '#009e73',
      keptByGroup: '#56b4e9',
      keptByToken: '#cc79a7',
      recovered: '#d55e00',
      bonus: '#f0e442',
    },
    ghosts: {
      refusedByBoth: '#d55e00',
      keptByGroupOnly: '#56b4e9',
      keptByTokenOnly: '#cc79a7',
    },
  },
  light: {
    ground: '#ffffff',
    cells: {
      plain: '#5d6675',
      keptByBoth: '#006b53',
      keptByGroup: '#3a93d6',
      keptByToken: '#a83a78',
      recovered: '#c04a00',
      bonus: '#a78f00',
    },
    ghosts: {
      refusedByBoth: '#c04a00',
      keptByGroupOnly: '#3a93d6',
      keptByTokenOnly: '#a83a78',
    },
  },
};
