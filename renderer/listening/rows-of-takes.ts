import { conditionNames, sameSettings } from '../../contract/condition-names';
import type { SpeakSettings } from '../../contract/settings';
import type { Take } from '../../contract/take';

/** Settings that takes were made with, whatever their seeds. */
export type FoundSettings = { settings: SpeakSettings; takes: readonly Take[] };

/** What finished takes of a pack were made with, the most used first. */
export function findSettings(all: readonly Take[], packSha256: string): FoundSettings[] {
  const found: { settings: SpeakSettings; takes: Take[] }[] = [];
  for (const take of all) {
    if (take.status !== 'finished' || take.frames === 0 || take.pack.sha256 !== packSha256)
      continue;
    const same = found.find(({ settings }) => sameSettings(settings, take.settings));
    if (same) same.takes.push(take);
    else found.push({ settings: take.settings, takes: [take] });
  }
  return found.sort((a, b) => b.takes.length - a.takes.length);
}

/** The two settings that most takes can be paired by; null where no text was spoken with two. */
export function likeliestPair(found: readonly FoundSettings[]): [number, number] | null {
  let best: { pair: [number, number]; rows: number } | null = null;
  for (let a = 0; a < found.length; a++) {
    for (let b = a + 1; b < found.length; b++) {
      const rows = rowsOf(found[a], found[b]).length;
      if (rows > (best?.rows ?? 0)) {
        // Exact is A and PCG is B, as in the deck.
        const isTurned = found[a].settings.method === 'pcg' && found[b].settings.method !== 'pcg';
        best = { pair: isTurned ? [b, a] : [a, b], rows };
      }
    }
  }
  return best?.pair ?? null;
}

/**
 * Ids of takes of one text, one with each settings. Each take is in one row at most, beside the
 * other half of its pair, else one of its seed, else any.
 */
export function rowsOf(a: FoundSettings, b: FoundSettings): [string, string][] {
  const left = new Set(b.takes);
  const rows: [string, string][] = [];
  const ranks: ((one: Take, other: Take) => boolean)[] = [
    (one, other) => one.pair !== null && one.pair === other.pair,
    (one, other) => one.settings.seed === other.settings.seed,
    () => true,
  ];
  const waiting = new Set(a.takes);
  for (const matches of ranks) {
    for (const one of waiting) {
      const other = [...left].find((each) => each.text === one.text && matches(one, each));
      if (!other) continue;
      rows.push([one.id, other.id]);
      left.delete(other);
      waiting.delete(one);
    }
  }
  return rows;
}

/** A name that tells found settings from each other. */
export function namesOf(found: readonly FoundSettings[]): string[] {
  return conditionNames(found.map(({ settings }) => settings));
}
