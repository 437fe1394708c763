import type { WordTime } from '../../contract/word-time';
import { type LaneName, otherLane } from './lane-name';

/** Moments of the two lanes at which the same is said, in seconds, rising in both. */
export type TimeMap = Record<LaneName, number[]>;

/** When a word that both lanes say is over in either, in seconds. */
export type SharedEnd = Record<LaneName, number>;

/** A stretch of text that both lanes say: word `a` of lane A is word `b` of lane B. */
type Match = { a: number; b: number };

/**
 * Brings together the words that both lanes say: all of them where the texts are one, else those
 * before the first difference and behind the last. Null where the lanes share no word.
 */
export function timeMapOf(a: readonly WordTime[], b: readonly WordTime[]): TimeMap | null {
  const map: TimeMap = { A: [], B: [] };
  const add = (inA: number, inB: number) => {
    // Only where time goes on in both lanes does a moment of one have one moment of the other.
    if (inA <= (map.A.at(-1) ?? -1) || inB <= (map.B.at(-1) ?? -1)) return;
    map.A.push(inA);
    map.B.push(inB);
  };
  for (const match of sharedWords(a, b)) {
    const [inA, inB] = [a[match.a], b[match.b]];
    const [nextInA, nextInB] = [a[match.a + 1], b[match.b + 1]];
    if (inA.phones.length === inB.phones.length) {
      inA.phones.forEach((start, i) => {
        add(start, inB.phones[i]);
      });
    } else add(inA.start, inB.start);
    // Where only one lane pauses, the word behind the pause counts, not the one before it.
    if (!nextInA || !nextInB || (nextInA.start > inA.end && nextInB.start > inB.end)) {
      add(inA.end, inB.end);
    }
  }
  return map.A.length === 0 ? null : map;
}

/** Of each word that both lanes say: where only one pauses behind it, the map tells no end. */
export function sharedEnds(a: readonly WordTime[], b: readonly WordTime[]): SharedEnd[] {
  return sharedWords(a, b).map((match) => ({ A: a[match.a].end, B: b[match.b].end }));
}

function sharedWords(a: readonly WordTime[], b: readonly WordTime[]): Match[] {
  const isSame = (inA: number, inB: number) =>
    a[inA].text.toLowerCase() === b[inB].text.toLowerCase();
  const shorter = Math.min(a.length, b.length);
  let before = 0;
  while (before < shorter && isSame(before, before)) before++;
  let behind = 0;
  while (behind < shorter - before && isSame(a.length - 1 - behind, b.length - 1 - behind)) {
    behind++;
  }
  return [
    ...Array.from({ length: before }, (_, i) => ({ a: i, b: i })),
    ...Array.from({ length: behind }, (_, i) => ({
      a: a.length - behind + i,
      b: b.length - behind + i,
    })),
  ];
}

/** The moment of the other lane at which the same is said as at `seconds` of lane `from`. */
export function sameWord(map: TimeMap, from: LaneName, seconds: number): number {
  const here = map[from];
  const there = map[otherLane(from)];
  const last = here.length - 1;
  // What lies before the first shared word and behind the last one is only shifted.
  if (seconds <= here[0]) return Math.max(0, there[0] + seconds - here[0]);
  if (seconds >= here[last]) return there[last] + seconds - here[last];
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (here[middle] <= seconds) low = middle;
    else high = middle;
  }
  const share = (seconds - here[low]) / (here[high] - here[low]);
  return there[low] + share * (there[high] - there[low]);
}
