import { Interpolator } from './interpolator';
import type { LaneName } from './lane-name';
import { SampleBlocks } from './sample-blocks';

/** Every jump (lane, place, gain, start, stop) is spread over this long, so that none clicks. */
const FADE_SECONDS = 0.01;
/** Sound that must have arrived before a playhead that ran into the end of a growing take goes on. */
const REFILL_SECONDS = 0.15;
export const SHORTEST_LOOP_SECONDS = 0.05;

/** `waiting`: playing, but the take has not grown as far as the playhead yet. */
export type MixerState = 'stopped' | 'playing' | 'waiting';

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
 * a tail that fades out while the new sound fades in. The two weights always add up to one, so
 * the level holds, and jumps that follow each other closely stay continuous.
 */
export class Mixer {
  private readonly lanes: Record<LaneName, Lane>;
  private readonly fadeLength: number;
  private readonly tail: Float32Array;
  private readonly scratch: Float32Array;
  /** Samples since the last jump; at `fadeLength` the fade is over. */
  private sinceJump: number;
  private lane: LaneName = 'A';
  private cursor = 0;
  private loop: { start: number; end: number } | null = null;
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

  /** Makes the other lane heard at the same time, or from the start (of the loop). */
  select(name: LaneName, restart: boolean): void {
    if (name === this.lane && !restart) return;
    this.jump();
    this.lane = name;
    if (restart) this.cursor = this.loop ? this.loop.start : 0;
    if (this.status === 'waiting') this.status = 'playing';
  }

  /** Fills `output` with the next samples. */
  render(output: Float32Array): void {
    for (let i = 0; i < output.length; i++) {
      this.settle();
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
    for (let i = 0; i < this.fadeLength; i++) this.scratch[i] = this.ahead(i);
    this.tail.set(this.scratch);
    this.sinceJump = 0;
  }

  /** What will be heard `i` samples from now if nothing changes. */
  private ahead(i: number): number {
    const now = this.status === 'playing' ? this.sound(this.cursor + i) : 0;
    const t = this.sinceJump + i;
    if (t >= this.fadeLength) return now;
    const weight = 0.5 - 0.5 * Math.cos((Math.PI * t) / this.fadeLength);
    return now * weight + this.tail[t] * (1 - weight);
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
