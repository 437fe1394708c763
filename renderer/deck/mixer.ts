import { Interpolator } from './interpolator';
import type { LaneName } from './lane-name';
import { SampleBlocks } from './sample-blocks';
import { sameWord, type TimeMap } from './time-map';

/** Every jump (lane, place, gain, start, stop) is spread over this long, so that none clicks. */
const FADE_SECONDS = 0.01;
/** Sound that must have arrived before a playhead that ran into the end of a growing take goes on. */
const REFILL_SECONDS = 0.15;
export const SHORTEST_LOOP_SECONDS = 0.05;
/** A fade of equal power may reach over both its sounds, but over this only with equal gain. */
const LOUDEST_FADE = 10 ** (-2 / 20);

/** `waiting`: playing, but the take has not grown as far as the playhead yet. */
export type MixerState = 'stopped' | 'playing' | 'waiting';

/** Where a switch of lanes goes on: at the same time, in the same word, or from the start. */
export const SWITCH_MODES = ['time', 'word', 'restart'] as const;
export type SwitchMode = (typeof SWITCH_MODES)[number];

/** In seconds, [start, end). */
export interface LoopRegion {
  start: number;
  end: number;
}

interface Lane {
  samples: SampleBlocks;
  sampleRate: number;
  /** Null where the lane's rate is the output's. */
  interpolator: Interpolator | null;
  growing: boolean;
  gain: number;
}

/**
 * Both lanes on one time line, one of them heard. Free of any audio API.
 *
 * There is one way to change what is heard: the next 10 ms as they would have sounded are kept as
 * a tail that fades out while the new sound fades in, so that jumps that follow each other closely
 * stay continuous. The level holds through the fade: weights w and 1 − w are divided by the level
 * of two sounds that are mixed so, √(w² + (1 − w)² + 2rw(1 − w)) by their correlation r. That is
 * equal gain where they are alike (r = 1), equal power where they have nothing in common (r = 0).
 */
export class Mixer {
  private readonly lanes: Record<LaneName, Lane>;
  private readonly fadeLength: number;
  private readonly tail: Float32Array;
  private readonly scratch: Float32Array;
  /** Samples since the last jump; at `fadeLength` the fade is over. */
  private sinceJump: number;
  /** Of the tail with what fades in: from 0, nothing in common, to 1. */
  private likeness = 1;
  /** Whether the two were not compared yet: what fades in is not known before it is heard. */
  private isFresh = false;
  private lane: LaneName = 'A';
  private cursor = 0;
  private loop: { start: number; end: number } | null = null;
  private map: TimeMap | null = null;
  private status: MixerState = 'stopped';

  /** @param sampleRate of the output, in Hz */
  constructor(private readonly sampleRate: number) {
    const emptyLane = (): Lane => ({
      samples: new SampleBlocks(),
      sampleRate,
      interpolator: null,
      growing: false,
      gain: 1,
    });
    this.lanes = { A: emptyLane(), B: emptyLane() };
    this.fadeLength = Math.round(FADE_SECONDS * sampleRate);
    this.tail = new Float32Array(this.fadeLength);
    this.scratch = new Float32Array(this.fadeLength);
    this.sinceJump = this.fadeLength;
  }

  get state(): MixerState {
    return this.status;
  }

  get active(): LaneName {
    return this.lane;
  }

  /** The playhead, in seconds. */
  get position(): number {
    return this.cursor / this.sampleRate;
  }

  /** Empties the lane; if it was heard, it fades out. */
  clear(name: LaneName): void {
    if (name === this.lane) {
      this.stop();
      this.cursor = 0;
    }
    this.lanes[name] = { ...this.lanes[name], samples: new SampleBlocks(), growing: false };
  }

  /** Empties the lane for a take at `sampleRate` that will grow. */
  begin(name: LaneName, sampleRate: number): void {
    this.clear(name);
    const lane = this.lanes[name];
    if (lane.sampleRate !== sampleRate) {
      lane.sampleRate = sampleRate;
      lane.interpolator =
        sampleRate === this.sampleRate ? null : new Interpolator(sampleRate, this.sampleRate);
    }
    lane.growing = true;
  }

  append(name: LaneName, samples: Float32Array): void {
    this.lanes[name].samples.append(samples);
  }

  /** The lane will grow no more. */
  finish(name: LaneName): void {
    this.lanes[name].growing = false;
  }

  setGain(name: LaneName, gain: number): void {
    if (this.lanes[name].gain === gain) return;
    if (name === this.lane) this.jump();
    this.lanes[name].gain = gain;
  }

  play(): void {
    if (this.status !== 'stopped') return;
    this.jump();
    if (!this.loop && this.atEnd()) this.cursor = 0;
    this.enterLoop();
    this.status = 'playing';
  }

  stop(): void {
    if (this.status === 'stopped') return;
    this.jump();
    this.status = 'stopped';
  }

  /** Moves the playhead to `seconds`, playing or not. */
  seek(seconds: number): void {
    this.jump();
    this.cursor = Math.max(0, Math.round(seconds * this.sampleRate));
    if (this.status === 'waiting') this.status = 'playing';
  }

  /** A region shorter than 50 ms is lengthened to that. Null plays on to the end. */
  setLoop(region: LoopRegion | null): void {
    if (!region) {
      this.loop = null;
      return;
    }
    const start = Math.max(0, Math.round(region.start * this.sampleRate));
    const shortest = Math.round(SHORTEST_LOOP_SECONDS * this.sampleRate);
    this.loop = {
      start,
      end: Math.max(Math.round(region.end * this.sampleRate), start + shortest),
    };
    if (this.status !== 'stopped') this.enterLoop();
  }

  /** When the lanes say the same; null where that is not known. */
  setTimeMap(map: TimeMap | null): void {
    this.map = map;
  }

  /** Makes a lane heard. Without a time map, the same word is at the same time. */
  select(name: LaneName, mode: SwitchMode): void {
    if (name === this.lane && mode !== 'restart') return;
    this.jump();
    if (mode === 'restart') this.cursor = this.loop ? this.loop.start : 0;
    else if (mode === 'word' && this.map) {
      this.cursor = Math.round(sameWord(this.map, this.lane, this.position) * this.sampleRate);
    }
    this.lane = name;
    if (this.status === 'waiting') this.status = 'playing';
  }

  /** Fills `output` with the next samples. */
  render(output: Float32Array): void {
    for (let i = 0; i < output.length; i++) {
      this.settle();
      if (this.isFresh) this.compare();
      output[i] = this.ahead(0);
      if (this.sinceJump < this.fadeLength) this.sinceJump++;
      if (this.status === 'playing') this.cursor++;
    }
  }

  /** Applies what the playhead has run into: the loop's end, the take's end, sound not there yet. */
  private settle(): void {
    if (this.status === 'stopped') return;
    if (this.loop && this.cursor === this.loop.end) {
      this.jump();
      this.cursor = this.loop.start;
    }
    const { growing } = this.lanes[this.lane];
    const end = this.endOf(this.lane);
    if (growing) {
      // The last 10 ms are held back: they are the tail, should nothing follow in time.
      const left = end - this.fadeLength - this.cursor;
      if (this.status === 'playing' && left <= 0) {
        this.jump();
        this.status = 'waiting';
      } else if (this.status === 'waiting' && left >= REFILL_SECONDS * this.sampleRate) {
        this.jump();
        this.status = 'playing';
      }
      return;
    }
    if (this.status === 'waiting') {
      this.jump();
      this.status = 'playing';
    }
    // Inside a loop a shorter lane is silent up to the loop's end, so that both keep its period.
    const looping = this.loop && this.cursor < this.loop.end;
    if (!looping && this.cursor >= end) {
      this.jump();
      this.cursor = Math.min(this.cursor, end);
      this.status = 'stopped';
    }
  }

  private enterLoop(): void {
    const { loop } = this;
    if (!loop || (this.cursor >= loop.start && this.cursor < loop.end)) return;
    this.jump();
    this.cursor = loop.start;
  }

  private atEnd(): boolean {
    return !this.lanes[this.lane].growing && this.cursor >= this.endOf(this.lane);
  }

  /** Length of the lane in output samples. */
  private endOf(name: LaneName): number {
    const { samples, sampleRate } = this.lanes[name];
    return Math.floor((samples.length * this.sampleRate) / sampleRate);
  }

  /** Keeps the next 10 ms as they would have sounded, and starts a fade to what comes now. */
  private jump(): void {
    if (this.isFresh) this.compare();
    for (let i = 0; i < this.fadeLength; i++) this.scratch[i] = this.ahead(i);
    this.tail.set(this.scratch);
    this.sinceJump = 0;
    this.isFresh = true;
  }

  /** Finds out how alike the tail is to what fades in, when that can be heard for the first time. */
  private compare(): void {
    this.isFresh = false;
    let [both, old, young, loudest] = [0, 0, 0, LOUDEST_FADE];
    for (let i = 0; i < this.fadeLength; i++) {
      const [a, b] = [this.tail[i], this.now(i)];
      both += a * b;
      old += a * a;
      young += b * b;
      loudest = Math.max(loudest, Math.abs(a), Math.abs(b));
    }
    // Nothing is added to silence.
    this.likeness = old * young > 0 ? Math.max(0, both / Math.sqrt(old * young)) : 1;
    for (let i = 0; i < this.fadeLength; i++) {
      if (Math.abs(this.ahead(i)) > loudest) this.likeness = 1;
    }
  }

  /** What will be heard `i` samples from now if nothing changes. */
  private ahead(i: number): number {
    const t = this.sinceJump + i;
    if (t >= this.fadeLength) return this.now(i);
    const weight = 0.5 - 0.5 * Math.cos((Math.PI * t) / this.fadeLength);
    const rest = 1 - weight;
    const level = Math.sqrt(weight * weight + rest * rest + 2 * this.likeness * weight * rest);
    return (this.now(i) * weight + this.tail[t] * rest) / level;
  }

  /** The sound `i` samples from now that is faded to. */
  private now(i: number): number {
    return this.status === 'playing' ? this.sound(this.cursor + i) : 0;
  }

  /** The active lane's sample at an output index. */
  private sound(index: number): number {
    const { samples, sampleRate, interpolator, gain } = this.lanes[this.lane];
    const left = samples.length - (index * sampleRate) / this.sampleRate;
    if (left <= 0) return 0;
    // Sound that breaks off, cut short or not there yet, still ends without a click.
    const edge = Math.min(1, left / (FADE_SECONDS * sampleRate));
    return (interpolator ? interpolator.at(samples, index) : samples.at(index)) * gain * edge;
  }
}
