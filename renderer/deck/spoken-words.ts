import { create } from 'zustand';
import type { WordTime } from '../../contract/word-time';
import { call } from '../bridge';
import { type LaneName, otherLane } from './lane-name';
import { setTimeMap } from './player';
import { type SharedEnd, sameWord, sharedEnds, type TimeMap, timeMapOf } from './time-map';

interface SpokenWords {
  /** Empty until they are known, and where they cannot be told. */
  words: Record<LaneName, readonly WordTime[]>;
  /** When the lanes say the same; null while that is not known. */
  map: TimeMap | null;
  /** When each word that both lanes say is over. */
  ends: readonly SharedEnd[];
}

/** Where the words of the finished takes in the lanes are heard. */
export const useSpokenWords = create<SpokenWords>()(() => ({
  words: { A: [], B: [] },
  map: null,
  ends: [],
}));

/** Times this near are one moment. */
const SAME_MOMENT_SECONDS = 0.001;

/** The take that the words of a lane were asked for last. */
const asked: Record<LaneName, string | null> = { A: null, B: null };

/** Words only help to compare: where they cannot be told, everything else works without. */
export async function loadWords(lane: LaneName, take: string): Promise<void> {
  asked[lane] = take;
  const words = await call('getWordTimes', { take }).catch(() => []);
  if (asked[lane] === take) put(lane, words);
}

export function forgetWords(lane: LaneName): void {
  asked[lane] = null;
  if (useSpokenWords.getState().words[lane].length > 0) put(lane, []);
}

function put(lane: LaneName, known: readonly WordTime[]): void {
  const words = { ...useSpokenWords.getState().words, [lane]: known };
  const map = timeMapOf(words.A, words.B);
  useSpokenWords.setState({ words, map, ends: sharedEnds(words.A, words.B) });
  setTimeMap(map);
}

/** The moment of the other lane at which the same is said as at `seconds` of a lane; else the same time. */
export function momentInOther(from: LaneName, seconds: number): number {
  const { map } = useSpokenWords.getState();
  return map ? sameWord(map, from, seconds) : seconds;
}

/** As `momentInOther`, for where a stretch ends: the end of a word is that word's in the other lane, pause or not. */
export function endInOther(from: LaneName, seconds: number): number {
  const { ends } = useSpokenWords.getState();
  const end = ends.find((each) => Math.abs(each[from] - seconds) < SAME_MOMENT_SECONDS);
  return end ? end[otherLane(from)] : momentInOther(from, seconds);
}

/** Index of the word that is heard at a moment of a lane, or of the nearest one; null without any. */
export function wordAt(lane: LaneName, seconds: number): number | null {
  let nearest: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, word] of useSpokenWords.getState().words[lane].entries()) {
    const distance = Math.max(word.start - seconds, seconds - word.end, 0);
    if (distance >= least) continue;
    nearest = i;
    least = distance;
  }
  return nearest;
}
