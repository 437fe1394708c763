import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededUniform } from '../testing/fake-bridge';
import { Mixer, SWITCH_MODES } from './mixer';

const RATE = 16_000;
const FADE = 160;

const constant = (seconds: number, value: number) =>
  new Float32Array(Math.round(seconds * RATE)).fill(value);
const ramp = (length: number) => Float32Array.from({ length }, (_, i) => i / 100_000);
const sine = (seconds: number, hertz: number, amplitude: number, rate = RATE) =>
  Float32Array.from(
    { length: Math.round(seconds * rate) },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / rate),
  );

function mixerWith(a: Float32Array, b: Float32Array): Mixer {
  const mixer = new Mixer(RATE);
  for (const [lane, samples] of [
    ['A', a],
    ['B', b],
  ] as const) {
    mixer.begin(lane, RATE);
    mixer.append(lane, samples);
    mixer.finish(lane);
  }
  return mixer;
}

function render(mixer: Mixer, length: number): Float32Array {
  const output = new Float32Array(length);
  mixer.render(output);
  return output;
}

function largestStep(...parts: Float32Array[]): number {
  let largest = 0;
  let before = 0;
  for (const part of parts)
    for (const sample of part) {
      largest = Math.max(largest, Math.abs(sample - before));
      before = sample;
    }
  return largest;
}

describe('playing', () => {
  it('is silent until played, then gives the samples in order after the fade in', () => {
    const sound = ramp(4000);
    const mixer = mixerWith(sound, ramp(0));
    expect(render(mixer, 64).every((sample) => sample === 0)).toBe(true);
    mixer.play();
    const heard = render(mixer, 1000);
    expect(heard.subarray(FADE)).toEqual(sound.subarray(FADE, 1000));
    expect(mixer.position).toBe(1000 / RATE);
  });

  it('stops by itself at the end, and plays again from the start', () => {
    const mixer = mixerWith(constant(0.1, 0.5), constant(0, 0));
    mixer.play();
    const heard = render(mixer, 2000);
    expect(mixer.state).toBe('stopped');
    expect(mixer.position).toBe(0.1);
    expect(heard.subarray(1600).every((sample) => sample === 0)).toBe(true);
    mixer.play();
    render(mixer, 320);
    expect(mixer.state).toBe('playing');
    expect(mixer.position).toBe(320 / RATE);
  });

  it('goes on exactly where it stopped', () => {
    const mixer = mixerWith(ramp(4000), ramp(0));
    mixer.play();
    render(mixer, 1000);
    mixer.stop();
    const fading = render(mixer, 400);
    expect(fading[0]).toBeCloseTo(0.01, 6);
    expect(fading.subarray(FADE).every((sample) => sample === 0)).toBe(true);
    expect(mixer.position).toBe(1000 / RATE);
    mixer.play();
    const heard = render(mixer, 400);
    expect(heard[300]).toBeCloseTo(1300 / 100_000, 7);
  });

  it('seeks to the sample', () => {
    const mixer = mixerWith(ramp(16_000), ramp(0));
    mixer.play();
    render(mixer, 500);
    mixer.seek(0.5);
    const heard = render(mixer, 400);
    expect(heard[300]).toBeCloseTo(8300 / 100_000, 6);
  });
});

describe('switching lanes', () => {
  it('fades with weights that add up to one: equal sound stays as it is', () => {
    const sound = sine(1, 200, 0.5);
    const mixer = mixerWith(sound, sound);
    mixer.play();
    render(mixer, 1000);
    mixer.select('B', 'time');
    const heard = render(mixer, 500);
    expect(mixer.active).toBe('B');
    for (let i = 0; i < 500; i++) expect(heard[i]).toBeCloseTo(sound[1000 + i], 6);
  });

  it('takes 10 ms, never steps, and keeps the time', () => {
    const mixer = mixerWith(constant(1, 0.8), constant(1, -0.8));
    mixer.play();
    const before = render(mixer, 1000);
    mixer.select('B', 'time');
    const after = render(mixer, 1000);
    expect(largestStep(before, after)).toBeLessThanOrEqual(
      (1.6 * Math.SQRT1_2 * Math.PI) / FADE + 1e-6,
    );
    expect(after[FADE - 1]).toBeCloseTo(-0.8, 3);
    expect(after[FADE / 2]).toBeCloseTo(0, 1);
    expect(mixer.position).toBe(2000 / RATE);
  });

  it('holds the power of sounds that have nothing in common', () => {
    const uniform = seededUniform(11);
    const noise = () => Float32Array.from({ length: RATE }, () => 0.4 * (uniform() - 0.5));
    const mixer = mixerWith(noise(), noise());
    const middle: number[] = [];
    const steady: number[] = [];
    mixer.play();
    render(mixer, 500);
    for (let i = 0; i < 20; i++) {
      mixer.select(mixer.active === 'A' ? 'B' : 'A', 'time');
      const heard = render(mixer, 700);
      middle.push(...heard.subarray(FADE / 4, (3 * FADE) / 4));
      steady.push(...heard.subarray(FADE));
    }
    const power = (samples: number[]) =>
      samples.reduce((sum, s) => sum + s * s, 0) / samples.length;
    // With equal gain it would be 2.4 dB lower in the middle of a fade.
    expect(Math.abs(10 * Math.log10(power(middle) / power(steady)))).toBeLessThan(0.5);
  });

  it('fades with equal gain where equal power would be too loud', () => {
    const up = constant(1, 0.88);
    const tone = sine(1, 400, 0.88);
    const mixer = mixerWith(up, tone);
    mixer.play();
    render(mixer, 1000);
    mixer.select('B', 'time');
    const largest = render(mixer, 1000).reduce((most, s) => Math.max(most, Math.abs(s)), 0);
    expect(largest).toBeLessThanOrEqual(0.88 + 1e-6);
  });

  it('goes on in the same word, both ways, and at the same time where words are not known', () => {
    const mixer = mixerWith(ramp(16_000), ramp(16_000));
    mixer.setTimeMap({ A: [0.1, 0.3, 0.9], B: [0.05, 0.45, 0.55] });
    mixer.play();
    mixer.seek(0.2);
    mixer.select('B', 'word');
    expect(mixer.position).toBeCloseTo(0.25, 4);
    mixer.select('A', 'word');
    expect(mixer.position).toBeCloseTo(0.2, 4);
    mixer.setTimeMap(null);
    mixer.select('B', 'word');
    expect(mixer.position).toBeCloseTo(0.2, 4);
  });

  it('restarts when asked to, at the loop if there is one', () => {
    const mixer = mixerWith(ramp(16_000), ramp(16_000));
    mixer.play();
    render(mixer, 5000);
    mixer.select('B', 'restart');
    expect(mixer.position).toBe(0);
    mixer.setLoop({ start: 0.25, end: 0.5 });
    render(mixer, 700);
    mixer.select('A', 'restart');
    expect(mixer.position).toBe(0.25);
  });

  it('never clicks, whatever is done in whatever order', () => {
    const lanes = fc.constantFrom<'A' | 'B'>('A', 'B');
    const action = fc.oneof(
      fc.record({
        do: fc.constant('select' as const),
        lane: lanes,
        mode: fc.constantFrom(...SWITCH_MODES),
      }),
      fc.record({
        do: fc.constant('seek' as const),
        to: fc.double({ min: 0, max: 1.2, noNaN: true }),
      }),
      fc.record({ do: fc.constant('play' as const) }),
      fc.record({ do: fc.constant('stop' as const) }),
      fc.record({
        do: fc.constant('gain' as const),
        lane: lanes,
        gain: fc.double({ min: 0.3, max: 1, noNaN: true }),
      }),
      fc.record({
        do: fc.constant('loop' as const),
        start: fc.double({ min: 0, max: 0.8, noNaN: true }),
        span: fc.double({ min: 0, max: 0.5, noNaN: true }),
      }),
      fc.record({ do: fc.constant('unloop' as const) }),
    );
    const script = fc.array(fc.tuple(action, fc.integer({ min: 1, max: 900 })), { maxLength: 25 });
    fc.assert(
      fc.property(script, (steps) => {
        const mixer = mixerWith(sine(1, 150, 0.8), sine(0.7, 170, 0.8));
        mixer.setTimeMap({ A: [0.1, 0.3, 0.9], B: [0.05, 0.4, 0.6] });
        const heard: Float32Array[] = [];
        for (const [step, length] of steps) {
          if (step.do === 'select') mixer.select(step.lane, step.mode);
          else if (step.do === 'seek') mixer.seek(step.to);
          else if (step.do === 'play') mixer.play();
          else if (step.do === 'stop') mixer.stop();
          else if (step.do === 'gain') mixer.setGain(step.lane, step.gain);
          else if (step.do === 'loop') {
            mixer.setLoop({ start: step.start, end: step.start + step.span });
          } else mixer.setLoop(null);
          heard.push(render(mixer, length));
        }
        // A click would be a step of the order of the amplitude. The sines alone step by 0.054
        // a sample, the fade between opposite peaks by 0.016, the one at a take's end by 0.005.
        expect(largestStep(...heard)).toBeLessThan(0.08);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe('looping', () => {
  it('repeats with a period of exactly the region', () => {
    const mixer = mixerWith(ramp(16_000), ramp(0));
    mixer.setLoop({ start: 0.1, end: 0.2 });
    mixer.play();
    expect(mixer.position).toBe(0.1);
    const heard = render(mixer, 5 * 1600);
    for (const lap of [1, 2, 3, 4]) {
      for (const i of [FADE, 500, 1000, 1599]) {
        expect(heard[lap * 1600 + i]).toBeCloseTo((1600 + i) / 100_000, 6);
      }
    }
  });

  it('keeps its period on a lane that is shorter than the region', () => {
    const mixer = mixerWith(constant(0.15, 0.5), constant(1, 0.5));
    mixer.setLoop({ start: 0.1, end: 0.2 });
    mixer.play();
    const heard = render(mixer, 1600 + 400);
    expect(heard[1200]).toBe(0);
    expect(heard[1600 + 300]).toBeCloseTo(0.5, 6);
    expect(mixer.state).toBe('playing');
  });

  it('lengthens a region too short to be one', () => {
    const mixer = mixerWith(constant(1, 0.5), constant(0, 0));
    mixer.setLoop({ start: 0.1, end: 0.1 });
    mixer.play();
    render(mixer, 799);
    expect(mixer.position).toBeCloseTo(0.1 + 799 / RATE, 9);
    render(mixer, 2);
    expect(mixer.position).toBeCloseTo(0.1 + 1 / RATE, 9);
  });
});

describe('a growing lane', () => {
  it('plays into sound that arrives while it plays', () => {
    const sound = ramp(6000);
    const mixer = new Mixer(RATE);
    mixer.begin('A', RATE);
    mixer.append('A', sound.subarray(0, 3000));
    mixer.play();
    const first = render(mixer, 2000);
    mixer.append('A', sound.subarray(3000));
    const second = render(mixer, 2000);
    expect(first.subarray(FADE)).toEqual(sound.subarray(FADE, 2000));
    expect(second).toEqual(sound.subarray(2000, 4000));
  });

  it('waits without a click at the end, and goes on without a gap when there is more', () => {
    const mixer = new Mixer(RATE);
    mixer.begin('A', RATE);
    mixer.append('A', constant(0.1, 0.5));
    mixer.play();
    const starved = render(mixer, 3000);
    expect(mixer.state).toBe('waiting');
    expect(mixer.position).toBe((1600 - FADE) / RATE);
    mixer.append('A', constant(0.05, 0.5));
    const still = render(mixer, 100);
    expect(mixer.state).toBe('waiting');
    mixer.append('A', constant(0.3, 0.5));
    const again = render(mixer, 1000);
    expect(mixer.state).toBe('playing');
    expect(again[500]).toBeCloseTo(0.5, 6);
    expect(largestStep(starved, still, again)).toBeLessThan(0.01);
  });

  it('plays the rest and stops once it has ended', () => {
    const mixer = new Mixer(RATE);
    mixer.begin('A', RATE);
    mixer.append('A', constant(0.1, 0.5));
    mixer.play();
    render(mixer, 3000);
    mixer.finish('A');
    render(mixer, 400);
    expect(mixer.state).toBe('stopped');
    expect(mixer.position).toBe(0.1);
  });

  it('starts empty when it begins again, and fades out what was heard', () => {
    const mixer = mixerWith(constant(1, 0.5), constant(1, 0.5));
    mixer.play();
    const before = render(mixer, 1000);
    mixer.begin('A', RATE);
    const after = render(mixer, 400);
    expect(mixer.state).toBe('stopped');
    expect(mixer.position).toBe(0);
    expect(largestStep(before, after)).toBeLessThan(0.01);
  });
});

describe('levels and rates', () => {
  it('applies a gain to its lane only', () => {
    const mixer = mixerWith(constant(1, 0.5), constant(1, 0.5));
    mixer.setGain('B', 0.5);
    mixer.play();
    expect(render(mixer, 400)[399]).toBeCloseTo(0.5, 6);
    mixer.select('B', 'time');
    expect(render(mixer, 400)[399]).toBeCloseTo(0.25, 6);
  });

  it('plays a lane of another rate at the same time and pitch', () => {
    const mixer = new Mixer(RATE);
    mixer.begin('A', 24_000);
    mixer.append('A', sine(1, 100, 0.5, 24_000));
    mixer.finish('A');
    mixer.play();
    const heard = render(mixer, 15_000);
    const wanted = sine(1, 100, 0.5);
    for (let i = FADE; i < 15_000; i += 97) expect(heard[i]).toBeCloseTo(wanted[i], 3);
    render(mixer, 2000);
    expect(mixer.position).toBe(1);
  });
});
