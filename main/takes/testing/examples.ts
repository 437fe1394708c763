import type { Round } from '../../../contract/rounds';
import type { Take } from '../../../contract/take';
import type { TakeDraft } from '../store';

export const SAMPLE_RATE = 16_000;
export const FRAME_RATE = 50;
export const SAMPLES_PER_FRAME = SAMPLE_RATE / FRAME_RATE;

export function exampleDraft(change: Partial<TakeDraft> = {}): TakeDraft {
  return {
    name: 'A tale of two rules',
    pair: null,
    text: 'It was the best of rules, it was the worst of rules.',
    settings: {
      voice: 'alto',
      method: 'pcg',
      theta: 0.4,
      lookahead: 3,
      temperature: 0.8,
      topK: 0,
      topP: 1,
      repetitionPenalty: 1,
      seed: 7,
    },
    pack: {
      id: 'example',
      name: 'Example voices',
      sha256: 'c0ffee'.padEnd(64, '0'),
      sampleRate: SAMPLE_RATE,
      frameRate: FRAME_RATE,
    },
    device: 'cpu',
    meanGroupSize: 4.25,
    ...change,
  };
}

export function exampleTake(change: Partial<Take> = {}): Take {
  return {
    schema: 1,
    id: '20260102-150405-abcd',
    createdAt: '2026-01-02T15:04:05.000Z',
    starred: false,
    status: 'finished',
    problem: null,
    counters: {
      rounds: 2,
      drafted: 6,
      accepted: 4,
      rejected: 1,
      ignored: 1,
      recovered: 1,
      bonus: 1,
      committed: 6,
      targetCalls: 2,
      draftCalls: 7,
    },
    frames: 6,
    pieces: [],
    notices: [],
    wallMs: 120,
    firstSoundMs: 60,
    plainTokensPerSecond: 50,
    ...exampleDraft(),
    ...change,
  };
}

/** A round of three drafts, of which the first `accepted` were kept; it adds `accepted` + 1 tokens. */
export function exampleRound(frame: number, accepted: 0 | 1 | 2 | 3): Round {
  const judged = Array.from({ length: Math.min(3, accepted + 1) }, (_, i) => ({
    token: i,
    accepted: i < accepted,
    byToken: i < accepted,
    byGroup: i < accepted,
    ratio: 0.5,
    massRatio: 0.75,
    group: i,
    groupSize: 2,
  }));
  return {
    piece: 0,
    frame,
    judged,
    ignored: Array.from({ length: 3 - judged.length }, () => 9),
    drawn: { token: 8, kind: accepted === 3 ? 'bonus' : 'recovered' },
    ended: false,
  };
}

/** Sample i of a sound that tells, wherever it is cut, which sample is which; exact in 32 bits. */
export function rampSample(i: number): number {
  return (i % 2 ** 23) / 2 ** 24;
}
