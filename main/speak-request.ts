import { FailureError } from '../contract/failure';
import type { Pronunciation } from '../contract/pronunciation';
import type { SpeakSettings } from '../contract/settings';
import type { SpeakRequest } from './inference/messages';
import type { Pack } from './packs/pack';

/** Silence between two pieces of a split text. */
const GAP_SECONDS = 0.2;

/**
 * A text under settings, as the engine takes it. Throws a `usage` failure for a voice, a pace or a θ
 * that the pack does not have and a `text` failure for a text that it cannot speak.
 */
export function speakRequest(
  pack: Pack,
  text: string,
  settings: SpeakSettings,
  pronunciations?: readonly Pronunciation[],
): SpeakRequest {
  const { thetaFloor, frameRate } = pack.summary;
  if (settings.theta < thetaFloor) {
    throw new FailureError(
      'usage',
      `θ ${settings.theta} is too low for this voice pack: its groups reach from ${thetaFloor} to 1.`,
    );
  }
  const { voice, pace, ...decoding } = settings;
  return {
    ...decoding,
    pieces: pack.frontEnd.prepare(text, voice, pronunciations, pace),
    gapFrames: Math.round(GAP_SECONDS * frameRate),
  };
}
