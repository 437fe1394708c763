import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WordTime } from '../../contract/word-time';
import { carryLoop, clearLoop, loopOver, loopWord, nudge, useLoop } from './loop';
import { useSpokenWords, wordAt } from './spoken-words';
import { sharedEnds, timeMapOf } from './time-map';

const player = vi.hoisted(() => ({ at: 0, calls: [] as unknown[][] }));
vi.mock('./player', () => ({
  playhead: () => player.at,
  seek: (seconds: number) => player.calls.push(['seek', seconds]),
  setLoopRegion: (region: unknown) => player.calls.push(['loop', region]),
  setTimeMap: () => undefined,
}));

const word = (text: string, start: number, end: number): WordTime => ({
  text,
  start,
  end,
  phones: [start],
});

beforeEach(() => {
  clearLoop();
  player.at = 1;
  player.calls = [];
});

describe('nudge', () => {
  it('moves the loop as a whole, but not before the start', () => {
    loopOver({ start: 0.015, end: 0.5 });
    nudge(0.01);
    expect(useLoop.getState().region).toEqual({ start: 0.025, end: 0.51 });
    nudge(-0.1);
    expect(useLoop.getState().region!.start).toBe(0);
    expect(useLoop.getState().region!.end).toBeCloseTo(0.485, 9);
    expect(player.calls.at(-1)).toEqual(['loop', useLoop.getState().region]);
  });

  it('moves the playhead where nothing loops', () => {
    nudge(-0.01);
    expect(player.calls).toEqual([['seek', 0.99]]);
  });
});

describe('a word', () => {
  it('is looped and played from its start, a very short one a little longer', () => {
    loopWord(word('birch', 0.4, 0.7));
    expect(useLoop.getState()).toEqual({ region: { start: 0.4, end: 0.7 }, isOn: true });
    expect(player.calls.at(-1)).toEqual(['seek', 0.4]);
    loopWord(word('a', 2, 2.03));
    expect(useLoop.getState().region!.end).toBeCloseTo(2.05, 9);
  });

  it('is the one that is heard at a moment, or the nearest', () => {
    useSpokenWords.setState({
      words: { A: [word('The', 0.2, 0.3), word('birch', 0.5, 0.9)], B: [] },
    });
    expect([0, 0.25, 0.38, 0.42, 0.6, 9].map((at) => wordAt('A', at))).toEqual([0, 0, 0, 1, 1, 1]);
    expect(wordAt('B', 0.5)).toBeNull();
  });

  it('loops in the other lane after a switch in the same word; unknown words stay at their time', () => {
    useSpokenWords.setState({ map: { A: [0, 1, 2], B: [0, 0.5, 2] } });
    loopOver({ start: 0.5, end: 1 });
    carryLoop('A');
    expect(useLoop.getState().region).toEqual({ start: 0.25, end: 0.5 });
    // What is too short to be heard there is lengthened, and does not stay where it was.
    loopOver({ start: 0.5, end: 0.56 });
    carryLoop('A');
    expect(useLoop.getState().region!.end).toBeCloseTo(0.3, 9);
    loopOver({ start: 0.25, end: 0.5 });
    useSpokenWords.setState({ map: null });
    carryLoop('B');
    expect(useLoop.getState().region).toEqual({ start: 0.25, end: 0.5 });
  });

  it('ends with the word in the other lane, where only one of them pauses behind it', () => {
    const words = {
      A: [word('birch', 0.2, 0.6), word('canoe', 0.6, 1)],
      B: [word('birch', 0.1, 0.4), word('canoe', 0.5, 0.9)],
    };
    const [map, ends] = [timeMapOf(words.A, words.B), sharedEnds(words.A, words.B)];
    useSpokenWords.setState({ words, map, ends });
    loopOver(words.A[0]);
    carryLoop('A');
    expect(useLoop.getState().region!.start).toBeCloseTo(0.1, 9);
    expect(useLoop.getState().region!.end).toBe(0.4);
    carryLoop('B');
    expect(useLoop.getState().region!.start).toBeCloseTo(0.2, 9);
    expect(useLoop.getState().region!.end).toBe(0.6);
  });
});
