import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { integratedLoudness, truePeak } from '../main/audio/ebur128';
import { LevelMeter, matchedGains } from '../renderer/deck/levels';
import { Mixer, SWITCH_MODES, type SwitchMode } from '../renderer/deck/mixer';

const RATE = 16_000;
const FOLDER = join(import.meta.dirname, 'data/word-times');

async function speech(file: string, gain: number): Promise<Float32Array> {
  const wav = new wavefile.WaveFile(await readFile(join(FOLDER, file)));
  wav.fromMuLaw();
  return Float32Array.from(wav.getSamples(), (sample) => (gain * sample) / 2 ** 15);
}

function levelOf(samples: Float32Array) {
  const meter = new LevelMeter(RATE);
  meter.append(samples);
  return meter.level();
}

/** What is heard while lanes are switched every `every` seconds, from the start of A on. */
function heard(a: Float32Array, b: Float32Array, every: number, mode: SwitchMode = 'time') {
  const mixer = new Mixer(RATE);
  const gains = matchedGains({ A: levelOf(a), B: levelOf(b) });
  for (const [lane, samples] of [
    ['A', a],
    ['B', b],
  ] as const) {
    mixer.begin(lane, RATE);
    mixer.append(lane, samples);
    mixer.finish(lane);
    mixer.setGain(lane, gains[lane]);
  }
  mixer.setTimeMap({ A: [0, 1.4, 2.2], B: [0, 1, 2.4] });
  mixer.setLoop({ start: 0, end: Math.min(a.length, b.length) / RATE });
  mixer.play();
  const output = new Float32Array(12 * RATE);
  const part = Math.round(every * RATE);
  for (let from = 0; from < output.length; from += part) {
    mixer.render(output.subarray(from, from + part));
    if (Number.isFinite(every)) mixer.select(mixer.active === 'A' ? 'B' : 'A', mode);
  }
  return output;
}

describe('levels of the deck', () => {
  it.each(['0.wav', '1.wav', '2.wav', '3.wav'])(
    'are what libebur128 measures: %s',
    async (file) => {
      for (const gain of [0.2, 0.9]) {
        const samples = await speech(file, gain);
        const level = levelOf(samples);
        expect(Math.abs(level.loudness! - integratedLoudness(samples, RATE))).toBeLessThan(0.1);
        expect(Math.abs(level.truePeak - truePeak(samples, RATE))).toBeLessThan(0.2);
      }
    },
  );
});

describe('switching', () => {
  it.each(SWITCH_MODES)('never changes loudness, nor goes above −1 dBTP: by %s', async (mode) => {
    const a = await speech('0.wav', 0.25);
    const b = await speech('1.wav', 1);
    const alone = integratedLoudness(heard(a, b, 12, mode), RATE);
    const other = integratedLoudness(heard(b, a, 12, mode), RATE);
    expect(Math.abs(alone - other)).toBeLessThan(0.3);
    for (const every of [0.9, 0.37]) {
      const output = heard(a, b, every, mode);
      expect(truePeak(output, RATE)).toBeLessThan(-0.9);
      // A restart every 0.37 s hears little but the silence before the first word.
      if (mode === 'restart') continue;
      expect(Math.abs(integratedLoudness(output, RATE) - alone)).toBeLessThan(1);
    }
  });

  it('keeps −1 dBTP where both lanes are as loud as can be', async () => {
    const loud = async (file: string) => {
      const samples = await speech(file, 1);
      const peak = 10 ** (levelOf(samples).truePeak / 20);
      return samples.map((sample) => Math.max(-1, Math.min(1, (1.3 * sample) / peak)));
    };
    const output = heard(await loud('2.wav'), await loud('3.wav'), 0.05);
    expect(truePeak(output, RATE)).toBeLessThan(-0.9);
  });
});
