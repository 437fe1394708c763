import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportSettings } from '../../contract/export';
import { FailureError } from '../../contract/failure';
import { DEFAULT_LINE_EXPORT, type LineExportSettings } from '../../contract/project';
import { measureLevels } from '../audio/loudness';
import { readWav } from '../audio/wav';
import { exampleTake } from '../takes/testing/examples';
import { exportLines, plannedFiles } from './export-lines';
import { readLines } from './import/import-lines';
import { exampleLine } from './testing/examples';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-lines-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const RATE = 16_000;
/** Each take at a level of its own, so that reaching one loudness is some work. */
const LEVELS: Record<string, number> = { 'take-one-1': 0.05, 'take-two-2': 0.2, 'take-six-6': 0.4 };
const ids = Object.keys(LEVELS);

const readSound = async (id: string) => {
  const level = LEVELS[id];
  if (level === undefined) throw new FailureError('storage', `The sound of ${id} is gone.`);
  const samples = Float32Array.from({ length: RATE }, (_, i) => level * Math.sin(i / 3));
  return { sampleRate: RATE, samples };
};

const lines = [
  exampleLine(1, { text: 'One.', chosen: ids[0] }),
  exampleLine(2, { text: 'Not spoken.' }),
  exampleLine(3, { text: 'Two, "quoted".', chosen: ids[1] }),
  exampleLine(4, { text: 'Lost.', chosen: 'take-lost-4' }),
  exampleLine(5, { text: 'One.', chosen: ids[2] }),
];

const SOUND: ExportSettings = {
  format: 'int24',
  sampleRate: 48_000,
  loudness: -23,
  truePeak: -1,
};

const request = (settings: Partial<LineExportSettings> = {}, sound = SOUND) => ({
  name: 'Play',
  lines,
  settings: { ...DEFAULT_LINE_EXPORT, template: '{text}', ...settings },
  sound,
  folder,
  version: '1.2.3',
  getTake: (id: string) => {
    const { text } = lines.find(({ chosen }) => chosen === id)!;
    return exampleTake({ id, text, name: text });
  },
  readSound,
});
const wavOf = async (path: string) => readWav(await readFile(path));

describe('a file a line', () => {
  it.each([
    { format: 'int24', bits: 24, sampleRate: 48_000, loudness: -23 },
    { format: 'int16', bits: 16, sampleRate: 44_100, loudness: -19 },
    { format: 'float32', bits: 32, sampleRate: 'native', loudness: -30 },
  ] as const)(
    'has the settings in every file: $bits bit, $sampleRate, $loudness LUFS',
    async (each) => {
      const { bits, ...settings } = each;
      const report = await exportLines(request({}, { ...settings, truePeak: -1 }));
      expect(report.files).toHaveLength(3);
      for (const path of report.files) {
        const wav = await wavOf(path);
        const rate = each.sampleRate === 'native' ? RATE : each.sampleRate;
        expect([wav.bits, wav.sampleRate]).toEqual([bits, rate]);
        expect(wav.samples.length / rate).toBeCloseTo(1, 3);
        expect(measureLevels(wav.samples, rate).loudness).toBeCloseTo(each.loudness, 1);
        expect(wav.tags.ISFT).toBe('Timbrel 1.2.3');
        const sidecar = JSON.parse(await readFile(path.replace(/wav$/, 'json'), 'utf8'));
        expect(sidecar.export).toEqual({ ...settings, truePeak: -1 });
      }
    },
  );

  it('is what was planned, and names the lines that were left out', async () => {
    const report = await exportLines(request());
    expect(report.leftOut).toEqual([
      'Line 2 has no chosen take.',
      'Line 4: The sound of take-lost-4 is gone.',
    ]);
    const planned = plannedFiles(request());
    expect(planned).toEqual([
      'One.wav',
      'Two, -quoted-.wav',
      'Lost.wav',
      'One (2).wav',
      'Play lines.csv',
    ]);
    const wavs = (await readdir(folder)).filter((name) => name.endsWith('.wav'));
    expect(wavs.sort()).toEqual(['One (2).wav', 'One.wav', 'Two, -quoted-.wav']);
  });

  it('comes with a table that can be imported again', async () => {
    const { table } = await exportLines(request());
    const imported = await readLines(table!, ['alto']);
    expect(imported.lines).toEqual(
      ['One.', 'Two, "quoted".', 'One.'].map((text) => ({ text, voice: 'alto', seed: 7 })),
    );
    expect(await readFile(table!, 'utf8')).toContain('One (2).wav,0.000,1.000,pcg,0.4,take-six-6');
    expect((await exportLines(request({ table: false }))).table).toBeNull();
  });
});

describe('one file of all lines', () => {
  it('has the gaps that were asked for, and says where each line starts', async () => {
    const report = await exportLines(
      request({ layout: 'joined', gapSeconds: 0.25 }, { ...SOUND, sampleRate: 'native' }),
    );
    expect(report.files).toEqual([join(folder, 'Play.wav')]);
    const { samples, bits } = await wavOf(report.files[0]);
    expect(bits).toBe(24);
    expect(samples.length).toBe(RATE * 3.5);
    const peakIn = (from: number, to: number) =>
      samples.subarray(from * RATE, to * RATE).reduce((top, x) => Math.max(top, Math.abs(x)), 0);
    expect(peakIn(1, 1.25)).toBe(0);
    expect(peakIn(2.25, 2.5)).toBe(0);
    expect(peakIn(1.25, 2.25) / peakIn(0, 1)).toBeCloseTo(4, 1);
    expect(measureLevels(samples, RATE).loudness).toBeCloseTo(-23, 1);
    const sidecar = JSON.parse(await readFile(join(folder, 'Play.json'), 'utf8'));
    expect(sidecar.takes.map(({ start }: { start: number }) => start)).toEqual([0, 1.25, 2.5]);
  });
});

it('refuses when there is nothing to export', async () => {
  await expect(exportLines({ ...request(), lines: [lines[1]] })).rejects.toThrow(
    'No line has a chosen take',
  );
  await expect(exportLines({ ...request(), lines: [lines[3]] })).rejects.toThrow(
    'Nothing was exported. Line 1: The sound of take-lost-4 is gone.',
  );
  expect(await readdir(folder)).toEqual([]);
});
