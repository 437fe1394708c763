import type { LaneName } from './lane-name';
import type { LoopRegion, MixerState, SwitchMode } from './mixer';
import type { TimeMap } from './time-map';

export const PLAYER_NAME = 'timbrel-player';

/** What the page asks of the mixer on the audio thread. */
export type PlayerCommand =
  | { type: 'clear'; lane: LaneName }
  | { type: 'begin'; lane: LaneName; sampleRate: number }
  | { type: 'append'; lane: LaneName; samples: Float32Array }
  | { type: 'finish'; lane: LaneName }
  | { type: 'gain'; lane: LaneName; gain: number }
  | { type: 'play' }
  | { type: 'stop' }
  | { type: 'seek'; seconds: number }
  | { type: 'loop'; region: LoopRegion | null }
  | { type: 'timeMap'; map: TimeMap | null }
  | { type: 'select'; lane: LaneName; mode: SwitchMode };

/** Numbered, so that the page can tell a report from before a command from one after it. */
export type NumberedCommand = PlayerCommand & { sequence: number };

export interface PlayerReport {
  state: MixerState;
  /** The playhead, in seconds. */
  position: number;
  /** Number of the last command that was carried out. */
  sequence: number;
}
