import { isDeepStrictEqual } from 'node:util';
import type { Take } from '../../contract/take';

/** All that makes a take what it is, but for the machine. */
export type Spoken = Pick<Take, 'text' | 'settings' | 'pronunciations'> & {
  pack: { sha256: string };
};

/**
 * The lookaheads of each piece's rounds, by which a take comes again on another machine or device: those of the newest
 * finished one of `takes` that was made of the same text, settings, seed and voice pack. Undefined where there is none,
 * or where the text is no longer cut into the same `pieces`.
 */
export function recordedLookaheads(
  takes: readonly Take[],
  spoken: Spoken,
  pieces: readonly { text: string }[],
): string[] | undefined {
  if (spoken.settings.method === 'plain' || spoken.settings.lookahead !== 'adaptive')
    return undefined;
  const texts = pieces.map(({ text }) => text);
  const same = takes.find(
    (take) =>
      take.status === 'finished' &&
      isDeepStrictEqual(factsOf(take), factsOf(spoken)) &&
      isDeepStrictEqual(
        take.pieces.map(({ text }) => text),
        texts,
      ) &&
      take.pieces.every(({ lookaheads }) => lookaheads !== ''),
  );
  return same?.pieces.map(({ lookaheads }) => lookaheads);
}

function factsOf({ text, settings, pronunciations = [], pack }: Spoken): unknown {
  // As it is stored: a setting that was not chosen is not there.
  return JSON.parse(JSON.stringify({ text, settings, pronunciations, pack: pack.sha256 }));
}
