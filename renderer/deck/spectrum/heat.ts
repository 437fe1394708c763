import type { Theme } from '../ribbon/palette';

/** From silence to full scale: matplotlib's inferno, on a dark ground and turned round on a light one. */
const STOPS: Record<Theme, readonly string[]> = {
  dark: [
    '#000004',
    '#1b0c41',
    '#4a0c6b',
    '#781c6d',
    '#a52c60',
    '#cf4446',
    '#ed6925',
    '#fb9b06',
    '#f7d13d',
    '#fcffa4',
  ],
  light: [
    '#ffffff',
    '#fdf0c8',
    '#f7d13d',
    '#fb9b06',
    '#ed6925',
    '#cf4446',
    '#a52c60',
    '#781c6d',
    '#4a0c6b',
    '#000004',
  ],
};

/** Levels below this share of the range are ground: what nobody hears should not glow. */
const GROUND = 0.2;

/** Colours of the 256 levels as pixels of an image, in this machine's order of bytes. */
export const HEAT: Record<Theme, Uint32Array> = { dark: pixels('dark'), light: pixels('light') };

export const PITCH_COLOURS: Record<Theme, { ground: string; line: string }> = {
  dark: { ground: '#000000', line: '#6ff0ff' },
  light: { ground: '#ffffff', line: '#0046c8' },
};

function pixels(theme: Theme): Uint32Array {
  const stops = STOPS[theme].map((hex) =>
    [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
  );
  const bytes = new Uint8ClampedArray(256 * 4);
  for (let level = 0; level < 256; level++) {
    const share = Math.max(0, (level / 255 - GROUND) / (1 - GROUND)) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(share));
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [stops[below][channel], stops[below + 1][channel]];
      bytes[4 * level + channel] = from + (to - from) * (share - below);
    }
    bytes[4 * level + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}
