import { describe, expect, it } from 'vitest';
import { CELL_HEIGHTS, GHOST_DEPTHS } from './layout';
import { PALETTES } from './palette';

type Rgb = [number, number, number];

const linear = (hex: string): Rgb => {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};

const times = (matrix: readonly Rgb[], [r, g, b]: Rgb) =>
  matrix.map(([x, y, z]) => Math.min(1, Math.max(0, x * r + y * g + z * b))) as Rgb;

/** Machado, Oliveira and Fernandes (2009), severity 1, in linear RGB. */
const VISIONS: Record<string, readonly Rgb[]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const difference = (one: string, other: string, vision: readonly Rgb[]) => {
  const [a, b] = [one, other].map((hex) => oklab(times(vision, linear(hex))));
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
};

const luminance = (hex: string) => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one: string, other: string) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

const pairsOf = <T>(values: T[]) =>
  values.flatMap((one, index) => values.slice(index + 1).map((other) => [one, other] as const));

describe.each(['dark', 'light'] as const)('the ribbon in the %s theme', (theme) => {
  const { ground, cells, ghosts } = PALETTES[theme];

  it.each(Object.keys(VISIONS))('has kinds that differ by colour: %s vision', (name) => {
    // A plain take has no other kind of token.
    const { plain: _, ...drafting } = cells;
    for (const kinds of [drafting, ghosts]) {
      for (const [[one, colour], [other, otherColour]] of pairsOf(Object.entries(kinds))) {
        const apart = difference(colour, otherColour, VISIONS[name]);
        // 0.02 is about the least that can be told apart side by side.
        expect(apart, `${one} and ${other}`).toBeGreaterThan(0.06);
      }
    }
  });

  it('stands out from its ground by 3 to 1', () => {
    for (const colour of [...Object.values(cells), ...Object.values(ghosts)]) {
      expect(contrast(colour, ground), colour).toBeGreaterThanOrEqual(3);
    }
  });
});

it('tells kinds apart by height as well', () => {
  for (const heights of [CELL_HEIGHTS, GHOST_DEPTHS]) {
    for (const [one, other] of pairsOf(Object.values(heights))) {
      expect(Math.abs(one - other)).toBeGreaterThanOrEqual(0.1);
    }
  }
});
