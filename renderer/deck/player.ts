import { createStore } from 'zustand/vanilla';
import { FailureError } from '../../contract/failure';
import { useEngine } from '../engine/engine';
import { notify } from '../notices/notices';
import type { LaneName } from './lane-name';
import type { LoopRegion, MixerState, SwitchMode } from './mixer';
import {
  type NumberedCommand,
  PLAYER_NAME,
  type PlayerCommand,
  type PlayerReport,
} from './player-messages';
import workletUrl from './player-worklet.ts?worker&url';
import type { TimeMap } from './time-map';

export interface OutputDevice {
  id: string;
  label: string;
}

/** TypeScript's DOM library does not know outputs of audio contexts yet. */
type ContextWithOutput = AudioContext & {
  setSinkId(id: string): Promise<void>;
  onerror: (() => void) | null;
};

/** An open output costs power, so that it is closed this long after the last sound. */
const CLOSE_AFTER_MS = 2000;
/** In which a short sound that is broken off fades out. */
const BREAK_OFF_SECONDS = 0.01;
/** Of the output where no pack is loaded yet to say a better one. */
const HIGH_RATE = 48_000;
/** Long sounds go to the audio thread in parts, so that none of them holds it up. */
const APPEND_LENGTH = 1 << 15;

/** Whether the deck plays; the playhead itself is `playhead()`, which is no store's. */
export const playerState = createStore<{ state: MixerState }>()(() => ({ state: 'stopped' }));

let context: ContextWithOutput | null = null;
let opening = false;
let resolvePort: (port: MessagePort) => void;
/** Pending until the first sound comes; commands wait for it in their order. */
const port = new Promise<MessagePort>((resolve) => {
  resolvePort = resolve;
});
let output = '';
let sequence = 0;
/** Reports from before this command say nothing about now. */
let lastJump = 0;
const placeListeners = new Set<() => void>();
let place = { seconds: 0, at: 0 };
let closing: ReturnType<typeof setTimeout> | undefined;
let shortSound: { source: AudioBufferSourceNode; gain: GainNode } | null = null;

/** The playhead in seconds, between reports as time passes. */
export function playhead(): number {
  if (playerState.getState().state !== 'playing') return place.seconds;
  // A report is overdue by then: rather stand still than run ahead.
  return place.seconds + Math.min(0.1, (performance.now() - place.at) / 1000);
}

/** Listens to every word of where the playhead is. Returns its own off switch. */
export function onPlayhead(listener: () => void): () => void {
  placeListeners.add(listener);
  return () => placeListeners.delete(listener);
}

function placeAt(seconds: number): void {
  place = { seconds, at: performance.now() };
  for (const listener of placeListeners) listener();
}

/** Empties a lane; if it is the one that is heard, it fades out and the playhead goes to 0. */
export function clearSound(lane: LaneName, isHeard: boolean): void {
  send({ type: 'clear', lane });
  if (isHeard) jumped(0, 'stopped');
}

/** Empties a lane for sound at `sampleRate` Hz that will grow. */
export function beginSound(lane: LaneName, sampleRate: number, isHeard: boolean): void {
  open(sampleRate);
  send({ type: 'begin', lane, sampleRate });
  if (isHeard) jumped(0, 'stopped');
}

export function appendSound(lane: LaneName, samples: Float32Array): void {
  for (let from = 0; from < samples.length; from += APPEND_LENGTH) {
    send({ type: 'append', lane, samples: samples.slice(from, from + APPEND_LENGTH) });
  }
}

export function finishSound(lane: LaneName): void {
  send({ type: 'finish', lane });
}

export function setLaneGain(lane: LaneName, gain: number): void {
  send({ type: 'gain', lane, gain });
}

export function setLoopRegion(region: LoopRegion | null): void {
  send({ type: 'loop', region });
}

export function play(): void {
  stopShortSound();
  wake();
  send({ type: 'play' });
  jumped(place.seconds, 'playing');
}

export function stop(): void {
  const seconds = playhead();
  send({ type: 'stop' });
  jumped(seconds, 'stopped');
}

export function seek(seconds: number): void {
  send({ type: 'seek', seconds });
  jumped(Math.max(0, seconds), playerState.getState().state);
}

/** Makes a lane the one that is heard. */
export function selectLane(lane: LaneName, mode: SwitchMode): void {
  send({ type: 'select', lane, mode });
}

/** When the lanes say the same, for switches in the same word. */
export function setTimeMap(map: TimeMap | null): void {
  send({ type: 'timeMap', map });
}

/** Plays a short mono sound through the chosen output; the deck and an earlier sound stop. */
export function playSound(samples: Float32Array, sampleRate: number): void {
  open(sampleRate);
  if (playerState.getState().state !== 'stopped') stop();
  stopShortSound();
  if (samples.length === 0 || !context) return;
  const buffer = context.createBuffer(1, samples.length, sampleRate);
  buffer.getChannelData(0).set(samples);
  const source = context.createBufferSource();
  source.buffer = buffer;
  const gain = context.createGain();
  source.connect(gain).connect(context.destination);
  shortSound = { source, gain };
  source.onended = () => {
    gain.disconnect();
    if (shortSound?.source === source) shortSound = null;
    closeWhenQuiet();
  };
  source.start();
  wake();
}

function stopShortSound(): void {
  if (!shortSound || !context) return;
  const { source, gain } = shortSound;
  const now = context.currentTime;
  // Broken off at once it would click.
  gain.gain.setValueAtTime(1, now);
  gain.gain.linearRampToValueAtTime(0, now + BREAK_OFF_SECONDS);
  source.stop(now + BREAK_OFF_SECONDS);
  shortSound = null;
}

/** Empty is the system's default. Throws `FailureError` when the device is gone. */
export async function setOutputDevice(deviceId: string): Promise<void> {
  output = deviceId;
  if (context) await route(context);
}

export async function listOutputDevices(): Promise<OutputDevice[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind, deviceId }) => kind === 'audiooutput' && !['', 'default'].includes(deviceId))
    .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `Output ${index + 1}` }));
}

async function route(audio: ContextWithOutput): Promise<void> {
  try {
    await audio.setSinkId(output);
  } catch (error) {
    throw new FailureError(
      'runtime',
      'That sound output cannot be used; choose another one or the system default.',
      { cause: error },
    );
  }
}

/**
 * Opens the output, once. At the loaded pack's rate the browser resamples for the device and the
 * mixer nothing; a take of another pack may be the first to sound, or have a higher rate.
 */
function open(sampleRate: number): void {
  if (context || opening) return;
  opening = true;
  const { pack } = useEngine.getState();
  connect(pack ? Math.max(pack.sampleRate, sampleRate) : HIGH_RATE).catch((error: unknown) => {
    notify(
      new FailureError(
        'runtime',
        'The sound player did not start; restart Timbrel to hear takes.',
        {
          cause: error,
        },
      ),
    );
  });
}

async function connect(sampleRate: number): Promise<void> {
  context = new AudioContext({ sampleRate, latencyHint: 'interactive' }) as ContextWithOutput;
  context.onerror = () => {
    notify(
      new FailureError(
        'runtime',
        'The sound output failed; choose another one, or restart Timbrel once it is back.',
      ),
    );
  };
  if (output !== '') await route(context).catch(notify);
  await context.audioWorklet.addModule(workletUrl);
  const player = new AudioWorkletNode(context, PLAYER_NAME, {
    numberOfInputs: 0,
    outputChannelCount: [1],
  });
  player.port.onmessage = ({ data }: MessageEvent<PlayerReport>) => receive(data);
  player.onprocessorerror = () => {
    notify(new FailureError('runtime', 'The sound player stopped; restart Timbrel to hear takes.'));
  };
  player.connect(context.destination);
  resolvePort(player.port);
}

function send(command: PlayerCommand): void {
  sequence += 1;
  const numbered: NumberedCommand = { ...command, sequence };
  const moved = command.type === 'append' ? [command.samples.buffer] : [];
  void port.then((open) => open.postMessage(numbered, moved));
}

/** What the page knows at once and reports will confirm. */
function jumped(seconds: number, state: MixerState): void {
  lastJump = sequence;
  placeAt(seconds);
  playerState.setState({ state });
}

function receive({ state, position, sequence: carriedOut }: PlayerReport): void {
  if (carriedOut < lastJump) return;
  placeAt(position);
  if (playerState.getState().state !== state) playerState.setState({ state });
  if (state === 'stopped') closeWhenQuiet();
}

function wake(): void {
  clearTimeout(closing);
  void context?.resume();
}

function closeWhenQuiet(): void {
  clearTimeout(closing);
  closing = setTimeout(() => {
    if (shortSound === null && playerState.getState().state === 'stopped') void context?.suspend();
  }, CLOSE_AFTER_MS);
}
