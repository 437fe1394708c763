import { create } from 'zustand';
import type { Failure } from '../../contract/failure';
import type { JobEvent } from '../../contract/job';
import type { Take } from '../../contract/take';
import { call } from '../bridge';
import { useDeckSettings } from './deck-settings';
import { LaneData, laneData, laneDataChanged, longestSeconds, replaceLaneData } from './lane-data';
import { LANE_NAMES, type LaneName, otherLane } from './lane-name';
import { type Level, matchedGains } from './levels';
import { carryLoop, clearLoopBeyond } from './loop';
import type { SwitchMode } from './mixer';
import {
  appendSound,
  beginSound,
  clearSound,
  finishSound,
  play,
  playerState,
  seek,
  selectLane,
  setLaneGain,
  stop,
} from './player';
import { forgetWords, loadWords } from './spoken-words';

export type { LaneName } from './lane-name';

export type LanePhase = 'empty' | 'queued' | 'loading' | 'generating' | 'ready' | 'failed';

export interface Lane {
  phase: LanePhase;
  /** The job that fills the lane; null when none does. */
  job: string | null;
  take: Take | null;
  /** Why the take ended early, or could not be opened. */
  failure: Failure | null;
  /** Factor that makes both lanes equally loud; 1 when levels are not matched. */
  gain: number;
}

interface Lanes {
  lanes: Record<LaneName, Lane>;
  /** The lane that is heard, and that single takes and key presses are about. */
  focus: LaneName;
  /** Empties the lane for a job that was queued. */
  begin: (lane: LaneName, job: string) => void;
  /** Takes the next event of the lane's job. */
  receive: (lane: LaneName, event: JobEvent) => void;
  /** Loads a stored take. Throws `FailureError` when it cannot be read. */
  open: (lane: LaneName, takeId: string) => Promise<void>;
  setFocus: (lane: LaneName) => void;
  playPause: () => void;
  /** Makes a lane heard as switches are set to: at the same time, in the same word, or from the start. */
  hear: (lane: LaneName) => void;
  switchLane: () => void;
}

const EMPTY: Lane = { phase: 'empty', job: null, take: null, failure: null, gain: 1 };
const SILENCE: Level = { loudness: null, rms: null, truePeak: Number.NEGATIVE_INFINITY };
/** Levels of a take that still grows are measured this often, in seconds of its sound. */
const MATCH_EVERY_SECONDS = 1;

export const useLanes = create<Lanes>()((set, get) => {
  const put = (name: LaneName, part: Partial<Lane>) =>
    set(({ lanes }) => ({ lanes: { ...lanes, [name]: { ...lanes[name], ...part } } }));

  /** Counts how often a lane was filled, so that a take that was slow to load is not put in late. */
  const fillings: Record<LaneName, number> = { A: 0, B: 0 };
  const matchedAt: Record<LaneName, number> = { A: 0, B: 0 };

  const clear = (name: LaneName, part: Partial<Lane>) => {
    fillings[name] += 1;
    matchedAt[name] = 0;
    clearSound(name, name === get().focus);
    forgetWords(name);
    replaceLaneData(name, null);
    put(name, { ...EMPTY, ...part });
  };

  const fill = (name: LaneName, take: Take): LaneData => {
    const data = new LaneData(take);
    replaceLaneData(name, data);
    beginSound(name, data.sampleRate, name === get().focus);
    return data;
  };

  const receive = (name: LaneName, event: JobEvent) => {
    // A take was opened into the lane since; its job goes on unseen.
    if (get().lanes[name].job === null) return;
    if (event.type === 'started') {
      fill(name, event.take);
      put(name, { phase: 'generating', take: event.take });
      return;
    }
    if (event.type === 'ended') {
      end(name, event.take, event.failure);
      return;
    }
    const data = laneData(name);
    if (!data) return;
    if (event.type === 'audio') {
      const isFirst = data.peaks.length === 0;
      data.appendSound(event.samples);
      appendSound(name, event.samples);
      if (isFirst) listenLive(name);
      const seconds = data.peaks.length / data.sampleRate;
      if (seconds >= matchedAt[name] + MATCH_EVERY_SECONDS) {
        matchedAt[name] = seconds;
        matchLevels();
      }
    } else if (event.type === 'rounds') data.appendRounds(event.rounds);
    else if (event.type === 'progress') data.progress = event;
    laneDataChanged(name);
  };

  const end = (name: LaneName, take: Take, failure: Failure | null) => {
    const data = laneData(name);
    if (data) {
      data.finish();
      finishSound(name);
    }
    const hasSound = data !== null && data.peaks.length > 0;
    put(name, { phase: hasSound ? 'ready' : 'failed', job: null, take, failure });
    settled(name);
  };

  /** The lane has all the sound that it will have. */
  const settled = (name: LaneName) => {
    matchLevels();
    const { take } = get().lanes[name];
    if (take) void loadWords(name, take.id);
    clearLoopBeyond(longestSeconds('expectedSeconds'));
    laneDataChanged(name);
  };

  const listenLive = (name: LaneName) => {
    const { take } = get().lanes[name];
    // The halves of a pair are made one after the other: playing each would be no comparison.
    if (!useDeckSettings.getState().listenLive || take?.pair !== null) return;
    get().setFocus(name);
    seek(0);
    if (playerState.getState().state === 'stopped') play();
  };

  const matchLevels = () => {
    const levels = { A: laneData('A')?.level ?? SILENCE, B: laneData('B')?.level ?? SILENCE };
    const gains = useDeckSettings.getState().matchLevels ? matchedGains(levels) : { A: 1, B: 1 };
    for (const name of LANE_NAMES) {
      if (get().lanes[name].gain === gains[name]) continue;
      setLaneGain(name, gains[name]);
      put(name, { gain: gains[name] });
    }
  };
  useDeckSettings.subscribe((settings, before) => {
    if (settings.matchLevels !== before.matchLevels) matchLevels();
  });

  const focusOn = (name: LaneName, mode: SwitchMode) => {
    const { focus } = get();
    if (name === focus) return;
    set({ focus: name });
    selectLane(name, mode);
    if (mode === 'word') carryLoop(focus);
  };

  return {
    lanes: { A: EMPTY, B: EMPTY },
    focus: 'A',
    begin: (name, job) => clear(name, { phase: 'queued', job }),
    receive,
    open: async (name, takeId) => {
      clear(name, { phase: 'loading' });
      const filling = fillings[name];
      try {
        const { take, sound, rounds } = await call('readTake', { take: takeId });
        if (fillings[name] !== filling) return;
        const data = fill(name, take);
        data.appendSound(sound.samples);
        appendSound(name, sound.samples);
        finishSound(name);
        data.finish();
        data.appendRounds(rounds);
        put(name, { phase: 'ready', take });
        settled(name);
      } catch (error) {
        if (fillings[name] === filling) clear(name, { phase: 'empty' });
        throw error;
      }
    },
    setFocus: (name) => focusOn(name, 'time'),
    hear: (name) => focusOn(name, useDeckSettings.getState().switchMode),
    playPause: () => {
      if (playerState.getState().state !== 'stopped') stop();
      else if (laneData(get().focus)) play();
    },
    switchLane: () => get().hear(otherLane(get().focus)),
  };
});
