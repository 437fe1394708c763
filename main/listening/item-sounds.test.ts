import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Levels, measureLevels } from '../audio/loudness';
import { decibels, rms, splitTone, tone } from '../audio/testing/tones';
import { encodeWav } from '../audio/wav';
import { itemSounds, matchedGains } from './item-sounds';
import { planTest } from './plan-test';
import { StoredTest } from './stored-test';
import { exactAndPcg } from './testing/example-source';

const RATE = 16_000;
const TAKES = ['example-take-a', 'example-take-b'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-sounds-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** 500 Hz and, as loud, 5 kHz. */
function bright(amplitude: number): Float32Array {
  const treble = tone(5000, 1, RATE, amplitude);
  return tone(500, 1, RATE, amplitude).map((sample, i) => sample + treble[i]);
}

async function rated(): Promise<StoredTest> {
  const test = planTest(
    {
      kind: 'mushra',
      trials: 5,
      source: { from: 'sentences', sentences: ['One.'], settings: exactAndPcg },
    },
    { id: '20260102-150405-abcd', createdAt: '2026-01-02T15:04:05.000Z', seed: 4 },
    () => {
      throw new Error('no takes here');
    },
  );
  const stored = await StoredTest.create(folder, test);
  for (const [condition, take] of TAKES.entries()) {
    const samples = bright(condition === 0 ? 0.4 : 0.05);
    await stored.keepSound(take, encodeWav({ format: 'float32', samples }, RATE));
    await stored.place(0, condition, take);
  }
  return stored;
}

describe('the sounds of an item', () => {
  it('are equally loud, and no true peak is above −1 dBTP', async () => {
    const sounds = await itemSounds(await rated(), 0);
    const levels = sounds.map(({ samples }) => measureLevels(samples, RATE));
    for (const { loudness, truePeak } of levels) {
      expect(loudness).toBeCloseTo(levels[0].loudness ?? 0, 1);
      expect(truePeak).toBeLessThanOrEqual(-1 + 1e-6);
    }
  });

  it('end with an anchor that has lost what lies above 3.5 kHz', async () => {
    const [reference, , anchor] = await itemSounds(await rated(), 0);
    const at = (samples: Float32Array, frequency: number) =>
      splitTone(samples.slice(2000, 14_000), frequency, RATE).amplitude;
    expect(at(reference.samples, 5000)).toBeCloseTo(at(reference.samples, 500), 3);
    expect(decibels(at(anchor.samples, 5000) / at(anchor.samples, 500))).toBeLessThan(-60);
    expect(anchor.samples).toHaveLength(reference.samples.length);
    expect(rms(anchor.samples)).toBeGreaterThan(0);
  });
});

describe('gains that match', () => {
  const level = (change: Partial<Levels>): Levels => ({
    loudness: -20,
    truePeak: -3,
    rms: -20,
    ...change,
  });

  it('bring all to the quietest, and everything below the ceiling', () => {
    expect(matchedGains([level({}), level({ loudness: -26 })])).toEqual([-6, 0]);
    const loud = level({ loudness: -26, truePeak: 2 });
    expect(matchedGains([level({}), loud])).toEqual([-9, -3]);
  });

  it('go by RMS where one is too short for loudness, and leave silence alone', () => {
    const short = level({ loudness: null, rms: -30 });
    expect(matchedGains([level({ rms: -24 }), short])).toEqual([-6, 0]);
    const silent: Levels = {
      loudness: null,
      truePeak: Number.NEGATIVE_INFINITY,
      rms: Number.NEGATIVE_INFINITY,
    };
    expect(matchedGains([level({ rms: -24 }), silent])).toEqual([0, 0]);
  });
});
