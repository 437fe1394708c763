import {
  ArrowLeftRight,
  AudioWaveform,
  Pause,
  Play,
  Radio,
  Repeat,
  Scale,
  SkipBack,
} from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { IconButton, ToggleButton } from '../controls/Button';
import { useShortcut } from '../shortcuts/useShortcut';
import styles from './deck.module.css';
import { useDeckSettings } from './deck-settings';
import { longestSeconds, onLaneData } from './lane-data';
import { useLanes } from './lanes';
import { moveLoopEnd, toggleLoop, useLoop } from './loop';
import { OutputSelect } from './OutputSelect';
import { onPlayhead, playerState, playhead } from './player';
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
        tooltip="Switches lanes at the same time with a crossfade of 10 ms. Tab does it too: while sound plays and no control has the keyboard's focus, and always from a waveform."
        shortcut="`"
        icon={<ArrowLeftRight aria-hidden="true" />}
        onPress={switchLane}
      />
      <Clock />
      <ToggleButton
        name="Loop"
        tooltip="Repeats the region dragged on a waveform, or everything. [ and ] set its ends at the playhead; a double click removes it."
        shortcut="KeyL"
        isSelected={isLooping}
        isDisabled={isEmpty}
        onChange={() => toggleLoop(longestSeconds('seconds'))}
        icon={<Repeat aria-hidden="true" />}
      />
      <ToggleButton
        name="Restart on switch"
        tooltip="A switch of lanes begins from the start, or the loop's start, instead of at the same time."
        shortcut="KeyR"
        isSelected={settings.restartOnSwitch}
        onChange={(restartOnSwitch) => change({ restartOnSwitch })}
        icon={<SkipBack aria-hidden="true" />}
      />
      <ToggleButton
        name="Match levels"
        tooltip="Plays both lanes equally loud, by their gated RMS. The quieter is raised to at most −1 dBFS, the louder lowered by the rest."
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
