import { join } from 'node:path';

/** What lies in a take's own folder. */
export const takePath = (home: string) => join(home, 'take.json');
export const wavPath = (home: string) => join(home, 'audio.wav');
export const roundsPath = (home: string) => join(home, 'rounds.jsonl');

/** Whole frames in a number of samples. */
export function framesOf(
  samples: number,
  { frameRate, sampleRate }: { frameRate: number; sampleRate: number },
): number {
  // A frame may be no whole number of samples; its rounded-off part must not cost the last one.
  return Math.floor((samples * frameRate) / sampleRate + 1e-6);
}
