import { ArrowLeftRight, AudioWaveform, Pause, Play, Radio, Repeat, Scale } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { IconButton, ToggleButton } from '../controls/Button';
import { Segmented } from '../controls/Segmented';
import { useShortcut } from '../shortcuts/useShortcut';
import styles from './deck.module.css';
import { useDeckSettings } from './deck-settings';
import { longestSeconds, onLaneData } from './lane-data';
import { useLanes } from './lanes';
import { loopWord, moveLoopEnd, nudge, toggleLoop, useLoop } from './loop';
import type { SwitchMode } from './mixer';
import { OutputSelect } from './OutputSelect';
import { onPlayhead, playerState, playhead } from './player';
import { useSpokenWords, wordAt } from './spoken-words';
import { showTime } from './time-axis';

const FOCUSED_CONTROL = ':focus-visible:not([data-region]:has([data-plot]))';

/**
 * Where Tab hears the other lane: everywhere, but only while sound plays and the keyboard is not
 * being used to move about, which shows by the ring around what is focused. The deck as a whole,
 * where F6 arrives, is no control yet.
 */
const whilePlaying = {
  get current() {
    const isPlaying = playerState.getState().state !== 'stopped';
    return isPlaying && !document.querySelector(FOCUSED_CONTROL) ? document.body : null;
  },
};

const NUDGE_SECONDS = 0.01;
const SWITCHES: readonly { value: SwitchMode; label: string }[] = [
  { value: 'time', label: 'Time' },
  { value: 'word', label: 'Word' },
  { value: 'restart', label: 'Restart' },
];

/** Loops the word that is heard, or one so many words from it. */
function stepWord(by: number): void {
  const { focus } = useLanes.getState();
  const { region, isOn } = useLoop.getState();
  const at = wordAt(focus, isOn && region ? (region.start + region.end) / 2 : playhead());
  const word = at === null ? undefined : useSpokenWords.getState().words[focus][at + by];
  if (word) loopWord(word);
}

/** Play, switch, loop and how switching works, with the time that is heard. */
export function Transport() {
  const isPlaying = useStore(playerState, ({ state }) => state !== 'stopped');
  const { playPause, switchLane } = useLanes.getState();
  const isEmpty = useLanes(({ lanes }) => lanes.A.take === null && lanes.B.take === null);
  const isLooping = useLoop(({ isOn }) => isOn);
  const settings = useDeckSettings();
  const change = useDeckSettings.setState;

  useShortcut('Tab', 'Hear the other lane, while sound plays', switchLane, {
    within: whilePlaying,
  });
  useShortcut('[', 'Begin the loop at the playhead', () =>
    moveLoopEnd('start', longestSeconds('seconds')),
  );
  useShortcut(']', 'End the loop at the playhead', () =>
    moveLoopEnd('end', longestSeconds('seconds')),
  );
  useShortcut('KeyW', 'Loop the word at the playhead', () => stepWord(0));
  useShortcut(';', 'Loop the word before', () => stepWord(-1));
  useShortcut("'", 'Loop the word behind', () => stepWord(1));
  useShortcut(',', 'Move the loop, or the playhead, 10 ms back', () => nudge(-NUDGE_SECONDS));
  useShortcut('.', 'Move the loop, or the playhead, 10 ms on', () => nudge(NUDGE_SECONDS));

  return (
    <div className={styles.transport} role="toolbar" aria-label="Transport">
      <IconButton
        name={isPlaying ? 'Pause' : 'Play'}
        tooltip={isPlaying ? 'Stops with a short fade.' : 'Plays the lane in focus.'}
        shortcut="Space"
        icon={isPlaying ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
        isDisabled={isEmpty}
        onPress={playPause}
      />
      <IconButton
        name="Hear the other lane"
        tooltip="Switches lanes with a crossfade of 10 ms. Tab does it too: while sound plays and no control has the keyboard's focus, and always from a waveform."
        shortcut="`"
        icon={<ArrowLeftRight aria-hidden="true" />}
        onPress={switchLane}
      />
      <Segmented
        name="Switch at"
        tooltip="Where a switch of lanes goes on: at the same time; in the same word, once the words of both takes are known; or from the start, or the loop's start."
        shortcut="KeyR"
        hidesLabel
        value={settings.switchMode}
        options={SWITCHES}
        onChange={(switchMode) => change({ switchMode })}
      />
      <Clock />
      <ToggleButton
        name="Loop"
        tooltip="Repeats the region dragged on a waveform, the word clicked under it, or everything. [ and ] set its ends at the playhead, , and . move it by 10 ms; a double click removes it."
        shortcut="KeyL"
        isSelected={isLooping}
        isDisabled={isEmpty}
        onChange={() => toggleLoop(longestSeconds('seconds'))}
        icon={<Repeat aria-hidden="true" />}
      />
      <ToggleButton
        name="Match levels"
        tooltip="Plays both lanes equally loud, by their integrated loudness (EBU R 128), or RMS under 0.4 s. No true peak goes above −1 dBTP."
        shortcut="KeyM"
        isSelected={settings.matchLevels}
        onChange={(matchLevels) => change({ matchLevels })}
        icon={<Scale aria-hidden="true" />}
      />
      <ToggleButton
        name="Listen live"
        tooltip="Plays a single take from its first sound on, while it is made. A pair waits for you."
        shortcut="KeyN"
        isSelected={settings.listenLive}
        onChange={(listenLive) => change({ listenLive })}
        icon={<Radio aria-hidden="true" />}
      />
      <span className={styles.output}>
        <AudioWaveform aria-hidden="true" />
        <OutputSelect />
      </span>
    </div>
  );
}

/** Time heard and length of the longer lane. Written by hand as it passes. */
function Clock() {
  const text = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = () => {
      if (!text.current) return;
      const whole = longestSeconds('seconds');
      text.current.textContent = `${showTime(playhead(), 2)} / ${showTime(whole, 2)}`;
    };
    show();
    const off = [onPlayhead(show), onLaneData(show)];
    return () => {
      for (const stop of off) stop();
    };
  }, []);
  return (
    <span ref={text} className={styles.clock} role="timer" aria-label="Time heard and length" />
  );
}
