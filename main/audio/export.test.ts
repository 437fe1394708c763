import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExportReport, type ExportSettings } from '../../contract/export';
import { FailureError } from '../../contract/failure';
import { Take } from '../../contract/take';
import { seededUniform } from '../decoding/random';
import { exampleTake, SAMPLE_RATE } from '../takes/testing/examples';
import { exportTake } from './export';
import { measureLevels } from './loudness';
import { decibels, rms, splitTone, tone } from './testing/tones';
import { readWav } from './wav';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-export-'));
  path = join(folder, 'Name.wav');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const take = exampleTake({ name: 'Größe, “quoted”' });
const plainly: ExportSettings = {
  format: 'int16',
  sampleRate: 'native',
  loudness: null,
  truePeak: -1,
};

function exportOf(
  samples: Float32Array,
  settings: Partial<ExportSettings> = {},
  overwrite?: boolean,
): Promise<ExportReport> {
  return exportTake({
    take,
    samples,
    sampleRate: SAMPLE_RATE,
    settings: { ...plainly, ...settings },
    path,
    version: '1.2.3',
    overwrite,
  });
}

/** Two seconds that are like speech in what matters here: bursts with a crest factor of 12 dB or so. */
function bursts(level: number): Float32Array {
  const uniform = seededUniform(11);
  return Float32Array.from({ length: 2 * SAMPLE_RATE }, (_, i) => {
    const envelope = Math.sin((Math.PI * i) / 3200) ** 4;
    return level * envelope * (uniform() + uniform() - 1);
  });
}

const FORMATS = { int16: 16, int24: 24, float32: 32 } as const;
const RATES = ['native', 44_100, 48_000] as const;

describe('exportTake', () => {
  it('keeps the sound at every format and rate, as a parser reads it back', async () => {
    // Under the sine: 16 bits leave ½ step of dithered noise, so 0.25 ÷ √2 over it is 81.3 dB;
    // 24 bits leave 1/√12 of a step, 134.3 dB, of which a resampler's 120 dB and more is what is
    // left; floats are bounded by the resampler alone, or by nothing.
    const purity = { int16: 81, int24: 115, float32: 115 };
    const sine = tone(997, 1.001, SAMPLE_RATE, 0.25);
    for (const format of ['int16', 'int24', 'float32'] as const) {
      for (const sampleRate of RATES) {
        const report = await exportOf(sine, { format, sampleRate }, true);
        const rate = sampleRate === 'native' ? SAMPLE_RATE : sampleRate;
        const wav = readWav(await readFile(path));
        expect(wav.bits).toBe(FORMATS[format]);
        expect(wav.sampleRate).toBe(rate);
        expect(wav.samples).toHaveLength(Math.round((sine.length * rate) / SAMPLE_RATE));
        const middle = wav.samples.subarray(0.1 * rate, 0.9 * rate);
        const { amplitude, rest } = splitTone(middle, 997, rate);
        expect(amplitude).toBeCloseTo(0.25, 4);
        expect(decibels(amplitude / Math.SQRT2 / rms(rest))).toBeGreaterThan(purity[format]);
        expect(report).toEqual({
          path,
          sidecar: join(folder, 'Name.json'),
          sampleRate: rate,
          bits: FORMATS[format],
          seconds: wav.samples.length / rate,
          loudness: measureLevels(wav.samples, rate).loudness,
          truePeak: measureLevels(wav.samples, rate).truePeak,
          notice: null,
        });
        expect(ExportReport.parse(report)).toEqual(report);
      }
    }
    expect(await readdir(folder)).toEqual(['Name.json', 'Name.wav']);
  });

  it('writes the very samples as 32-bit float at the native rate', async () => {
    const sound = bursts(0.8);
    await exportOf(sound, { format: 'float32' });
    expect(readWav(await readFile(path)).samples).toEqual(sound);
  });

  it('gives the same bytes for the same take and settings', async () => {
    const sound = bursts(0.5);
    await exportOf(sound, { sampleRate: 44_100, loudness: -20 });
    const first = await readFile(path);
    await exportOf(sound, { sampleRate: 44_100, loudness: -20 }, true);
    expect(await readFile(path)).toEqual(first);
  });

  it('tells in its tags how the sound came about', async () => {
    await exportOf(bursts(0.5), { format: 'int24', sampleRate: 44_100 });
    expect(readWav(await readFile(path)).tags).toEqual({
      INAM: 'Größe, “quoted”',
      ICMT: `seed 7; method pcg; theta 0.4; lookahead 3; temperature 0.8; top-k 0; top-p 1; repetition penalty 1; voice alto; pack example ${take.pack.sha256}`,
      ISFT: 'Timbrel 1.2.3',
      ICRD: '2026-01-02',
    });
  });

  it('writes everything of the take into the sidecar', async () => {
    const settings = { format: 'int24', loudness: -24 } as const;
    const report = await exportOf(bursts(0.5), settings);
    const sidecar = JSON.parse(await readFile(report.sidecar, 'utf8'));
    expect(Take.parse(sidecar.take)).toEqual(take);
    const { path: _path, sidecar: _sidecar, notice: _notice, ...measured } = report;
    expect(sidecar).toMatchObject({
      schema: 1,
      software: { name: 'Timbrel', version: '1.2.3' },
      file: 'Name.wav',
      export: { ...plainly, ...settings },
      measured,
    });
    const before = measureLevels(bursts(0.5), SAMPLE_RATE).loudness!;
    expect(sidecar.measured.gain).toBeCloseTo(-24 - before, 6);
  });
});

describe('the loudness target', () => {
  it('is met within 0.1 LU where the ceiling allows, at every rate and format', async () => {
    for (const level of [0.05, 0.9]) {
      for (const sampleRate of RATES) {
        for (const format of ['int16', 'float32'] as const) {
          const report = await exportOf(
            tone(440, 1, SAMPLE_RATE, level),
            { format, sampleRate, loudness: -16 },
            true,
          );
          expect(Math.abs(report.loudness! + 16)).toBeLessThan(0.1);
          expect(report.notice).toBeNull();
        }
      }
    }
  });

  it('never lifts a true peak over the ceiling, and says how much is missing', async () => {
    for (const truePeak of [0, -1, -12]) {
      for (const sampleRate of ['native', 44_100] as const) {
        for (const format of ['int16', 'int24', 'float32'] as const) {
          const report = await exportOf(
            bursts(0.5),
            { format, sampleRate, loudness: -5, truePeak },
            true,
          );
          expect(report.truePeak).toBeLessThanOrEqual(truePeak);
          expect(report.truePeak).toBeGreaterThan(truePeak - 0.03);
          const missing = (-5 - report.loudness!).toFixed(1);
          expect(report.notice).toBe(
            `The true-peak ceiling of ${truePeak} dBTP leaves this file at ${report.loudness!.toFixed(1)} LUFS, ${missing} LU under the target of -5 LUFS.`,
          );
        }
      }
    }
  });

  it('leaves a sound alone that is too short to have a loudness, and says so', async () => {
    const short = tone(440, 0.3, SAMPLE_RATE, 0.1);
    const report = await exportOf(short, { format: 'float32', loudness: -16 });
    expect(readWav(await readFile(path)).samples).toEqual(short);
    expect(report.loudness).toBeNull();
    expect(report.notice).toContain('the level was left alone');
  });

  it('leaves the level alone when there is none', async () => {
    const report = await exportOf(tone(440, 1, SAMPLE_RATE, 0.99), { truePeak: -12 });
    expect(report.truePeak).toBeGreaterThan(-0.2);
  });
});

describe('odd sounds', () => {
  it('exports silence with a report that can be sent', async () => {
    const report = await exportOf(new Float32Array(SAMPLE_RATE), { format: 'float32' });
    expect(ExportReport.parse(report)).toMatchObject({ loudness: null, truePeak: -200 });
  });

  it('says when samples were clipped, or were no numbers', async () => {
    const sound = tone(440, 1, SAMPLE_RATE, 0.5);
    sound[100] = 1.5;
    sound[200] = Number.NaN;
    const report = await exportOf(sound);
    expect(report.notice).toContain('1 sample was not a number');
    expect(report.notice).toContain('1 sample was beyond full scale and clipped');
    const { samples } = readWav(await readFile(path));
    expect(samples[100]).toBeCloseTo(1, 4);
    expect(samples[200]).toBeCloseTo(0, 4);
  });

  it('refuses a take without sound', async () => {
    await expect(exportOf(new Float32Array(0))).rejects.toMatchObject({
      failure: { kind: 'usage' },
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('what is there already', () => {
  it('is replaced only where the caller says so, whether a sound or a sidecar', async () => {
    for (const name of ['Name.wav', 'Name.json']) {
      const there = join(folder, name);
      await writeFile(there, 'mine');
      await expect(exportOf(bursts(0.5))).rejects.toMatchObject({
        failure: {
          kind: 'storage',
          message: `${name} is already in ${folder}: choose another name, or agree to replace it.`,
        },
      });
      expect(await readFile(there, 'utf8')).toBe('mine');
      expect(await readdir(folder)).toEqual([name]);
      await exportOf(bursts(0.5), {}, true);
      expect((await stat(there)).size).toBeGreaterThan(100);
      await rm(join(folder, 'Name.wav'));
      await rm(join(folder, 'Name.json'));
    }
  });

  it('stays as it was when the new file cannot be put in its place', async () => {
    path = join(folder, 'folder.wav', 'Name.wav');
    await writeFile(join(folder, 'folder.wav'), 'mine');
    const failure = await exportOf(bursts(0.5), {}, true).catch((error) => error);
    expect(failure).toBeInstanceOf(FailureError);
    expect(failure.failure.kind).toBe('storage');
    expect(failure.message).toContain('folder.wav is not there: choose another one');
    expect(await readdir(folder)).toEqual(['folder.wav']);
  });
});
