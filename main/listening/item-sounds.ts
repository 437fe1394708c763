import { factorOf, type Levels, MATCH_CEILING, measureLevels } from '../audio/loudness';
import { resample } from '../audio/resample';
import type { Sound } from '../takes/store';
import type { StoredTest } from './stored-test';

/** The band that the low anchor of ITU-R BS.1534 keeps, in Hz. */
const ANCHOR_BAND = 3500;

/**
 * All stimuli of an item, by condition, equally loud; the anchor of a MUSHRA-like test comes last.
 * The gains are the item's, whichever of its sounds a trial plays.
 */
export async function itemSounds(stored: StoredTest, item: number): Promise<Sound[]> {
  const { items, kind } = stored.test;
  const takes = items[item].takes.filter((take) => take !== null);
  const sounds = await Promise.all(takes.map((take) => stored.readSound(take)));
  if (kind === 'mushra') sounds.push(await lowAnchor(sounds[0]));
  const gains = matchedGains(sounds.map((sound) => measureLevels(sound.samples, sound.sampleRate)));
  return sounds.map(({ samples, sampleRate }, i) => {
    const factor = factorOf(gains[i]);
    return { sampleRate, samples: samples.map((sample) => sample * factor) };
  });
}

/** The sound without what lies above 3.5 kHz. */
async function lowAnchor({ samples, sampleRate }: Sound): Promise<Sound> {
  const narrow = await resample(samples, sampleRate, 2 * ANCHOR_BAND);
  return { sampleRate, samples: await resample(narrow, 2 * ANCHOR_BAND, sampleRate) };
}

/**
 * Gains in dB, none above 0, that bring all sounds to the quietest: by integrated loudness, or by
 * RMS where one has none. No true peak stays above `MATCH_CEILING`; silence is matched to nothing.
 */
export function matchedGains(levels: readonly Levels[]): number[] {
  const byLoudness = levels.every(({ loudness }) => loudness !== null);
  const sizes = levels.map(({ loudness, rms }) => (byLoudness ? (loudness as number) : rms));
  const quietest = Math.min(...sizes.filter(Number.isFinite));
  const gains = sizes.map((size) => (Number.isFinite(size) ? quietest - size : 0));
  const over = Math.max(0, ...levels.map(({ truePeak }, i) => truePeak + gains[i] - MATCH_CEILING));
  return gains.map((gain) => gain - over);
}
