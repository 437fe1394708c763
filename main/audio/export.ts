import { randomUUID } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExportReport, ExportSettings } from '../../contract/export';
import { FailureError } from '../../contract/failure';
import type { Take } from '../../contract/take';
import { seededUniform } from '../decoding/random';
import { refuseToReplace } from '../disk/regular-file';
import { ditherTo16, roundTo24 } from './dither';
import { renameSynced, writeSynced } from './durable-file';
import { sidecarPath } from './file-name';
import { factorOf, type Levels, measureLevels } from './loudness';
import { type ExportMeasures, infoTagsOf, sidecarOf } from './provenance';
import { resample } from './resample';
import { errorCode, storageFailure } from './storage-failure';
import {
  encodeWav,
  FULL_SCALE,
  type InfoTags,
  readWav,
  type Wav,
  type WavFormat,
  type WavSamples,
} from './wav';

/** Kept free under the ceiling, in dB: dither may raise a peak by this much at most. */
const DITHER_ROOM = 0.01;

/** What a report says of digital silence, whose level has no number; in dBTP. */
const SILENCE = -200;

/** The largest difference between a sample and what a file holds of it, in units of full scale. */
const QUANTISATION: Record<WavFormat, number> = {
  // Half a step of rounding and a whole one of dither.
  int16: 1.5 / FULL_SCALE.int16,
  int24: 0.5 / FULL_SCALE.int24,
  float32: 0,
};

/** A sound and how it is written. */
export type SoundExport = {
  /** Mono, ±1, at `sampleRate` Hz. */
  samples: Float32Array;
  sampleRate: number;
  settings: ExportSettings;
  /** Of the WAV file. */
  path: string;
  /** The user agreed to replace the file or its sidecar. */
  overwrite?: boolean;
};

export type TakeExport = SoundExport & {
  take: Take;
  /** Of Timbrel, for the file's tags. */
  version: string;
};

/** What a file says of where its sound came from. */
export type Provenance = {
  tags: InfoTags;
  /** Of the dither. */
  seed: number;
  /** The JSON beside the file. */
  sidecarOf: (measures: ExportMeasures) => string;
};

/**
 * Writes a take as a WAV file with tags and, beside it, a JSON sidecar, as `exportSound` does.
 * Throws a `FailureError`: `usage` for a take without sound, `storage` for the rest.
 */
export async function exportTake(request: TakeExport): Promise<ExportReport> {
  const { take, settings, path, version } = request;
  if (request.samples.length === 0) {
    throw new FailureError('usage', 'This take has no sound to export: generate it again first.');
  }
  return exportSound(request, {
    tags: infoTagsOf(take, version),
    seed: take.settings.seed,
    sidecarOf: (measures) => sidecarOf(take, settings, measures, basename(path), version),
  });
}

/**
 * Writes a sound as a WAV file with tags and, beside it, a JSON sidecar. What was written is read
 * back and compared before it takes the place of anything; a failure leaves older files as they
 * were. The same sound and settings give the same bytes. Throws a `FailureError` of kind `storage`.
 */
export async function exportSound(
  request: SoundExport,
  provenance: Provenance,
): Promise<ExportReport> {
  const { settings, path, overwrite = false } = request;
  const folder = dirname(path);
  const sidecar = sidecarPath(path);
  const checkTargets = async () => {
    if (!overwrite) await refuseTaken(path, sidecar);
    await refuseToReplace(path);
    await refuseToReplace(sidecar);
  };
  await checkTargets();

  const prepared = await prepare(request);
  const { sampleRate } = prepared;
  const quantised = quantise(prepared.samples, settings.format, provenance.seed);
  const wavBytes = encodeWav(quantised.sound, sampleRate, provenance.tags);

  const temporary = join(folder, `.timbrel-${randomUUID().slice(0, 8)}`);
  const temporaryWav = `${temporary}.wav.tmp`;
  const temporarySidecar = `${temporary}.json.tmp`;
  try {
    await writeSynced(temporaryWav, wavBytes);
    const written = readWav(await readFile(temporaryWav));
    compare(written, prepared, settings.format, folder);
    const measures = measure(written, prepared.gain);
    await writeSynced(temporarySidecar, provenance.sidecarOf(measures));

    await checkTargets();
    await renameSynced(temporaryWav, path);
    await renameSynced(temporarySidecar, sidecar);

    const { gain: _, ...report } = measures;
    const notices = [
      ...silenceNotices(prepared.silenced),
      ...clippingNotices(quantised.clipped),
      ...loudnessNotices(settings, prepared, measures),
    ];
    return { path, sidecar, ...report, notice: notices.join(' ') || null };
  } catch (error) {
    throw storageFailure(error, folder);
  } finally {
    await rm(temporaryWav, { force: true }).catch(() => undefined);
    await rm(temporarySidecar, { force: true }).catch(() => undefined);
  }
}

/** A take as 16-bit WAV at its own rate and level. */
export function encodeAs16(
  take: Take,
  samples: Float32Array,
  sampleRate: number,
  version: string,
): Uint8Array {
  const { sound } = quantise(samples, 'int16', take.settings.seed);
  return encodeWav(sound, sampleRate, infoTagsOf(take, version));
}

type Prepared = {
  samples: Float32Array;
  sampleRate: number;
  /** Already applied, in dB. */
  gain: number;
  /** Before the gain. */
  levels: Levels;
  /** Samples that were no number, and are silence now. */
  silenced: number;
};

async function prepare({ samples, sampleRate, settings }: SoundExport): Promise<Prepared> {
  const rate = settings.sampleRate === 'native' ? sampleRate : settings.sampleRate;
  const finite = samples.map((sample) => (Number.isFinite(sample) ? sample : 0));
  const silenced = samples.reduce((sum, sample) => sum + (Number.isFinite(sample) ? 0 : 1), 0);
  const resampled = await resample(finite, sampleRate, rate);
  const levels = measureLevels(resampled, rate);
  const gain = gainTowards(settings, levels);
  const factor = factorOf(gain);
  const scaled = gain === 0 ? resampled : resampled.map((sample) => sample * factor);
  return { samples: scaled, sampleRate: rate, gain, levels, silenced };
}

/** In dB: towards the loudness target, as far as the ceiling allows. */
function gainTowards(settings: ExportSettings, levels: Levels): number {
  if (settings.loudness === null || levels.loudness === null) return 0;
  const ceiling = settings.truePeak - DITHER_ROOM;
  return Math.min(settings.loudness - levels.loudness, ceiling - levels.truePeak);
}

function quantise(
  samples: Float32Array,
  format: WavFormat,
  seed: number,
): { sound: WavSamples; clipped: number } {
  switch (format) {
    case 'int16': {
      const { clipped, samples: integers } = ditherTo16(samples, seededUniform(seed));
      return { sound: { format, samples: integers }, clipped };
    }
    case 'int24': {
      const { clipped, samples: integers } = roundTo24(samples);
      return { sound: { format, samples: integers }, clipped };
    }
    case 'float32':
      return { sound: { format, samples }, clipped: 0 };
  }
}

async function refuseTaken(...paths: string[]): Promise<void> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      (error) => errorCode(error) !== 'ENOENT',
    );
    if (there) {
      throw new FailureError(
        'storage',
        `${basename(path)} is already in ${dirname(path)}: choose another name, or agree to replace it.`,
      );
    }
  }
}

function compare(written: Wav, prepared: Prepared, format: WavFormat, folder: string): void {
  const bits = { int16: 16, int24: 24, float32: 32 }[format];
  const same =
    written.sampleRate === prepared.sampleRate &&
    written.bits === bits &&
    written.samples.length === prepared.samples.length &&
    prepared.samples.every((sample, i) => holds(written.samples[i], sample, format));
  if (!same) {
    throw new FailureError(
      'storage',
      `What was written in ${folder} does not read back as it should, so nothing was kept there: check the disk, or choose another folder.`,
    );
  }
}

/** Whether `stored` is what `format` can hold of `sample`. */
function holds(stored: number, sample: number, format: WavFormat): boolean {
  if (format === 'float32') return stored === sample;
  const step = 1 / FULL_SCALE[format];
  const representable = Math.max(-1, Math.min(1 - step, sample));
  // The subtraction itself rounds, by far less than a millionth of a step.
  return Math.abs(stored - representable) <= QUANTISATION[format] + step * 1e-6;
}

function measure(wav: Wav, gain: number): ExportMeasures {
  const levels = measureLevels(wav.samples, wav.sampleRate);
  return {
    sampleRate: wav.sampleRate,
    bits: wav.bits,
    seconds: wav.samples.length / wav.sampleRate,
    loudness: levels.loudness,
    truePeak: Math.max(SILENCE, levels.truePeak),
    gain,
  };
}

function silenceNotices(silenced: number): string[] {
  if (silenced === 0) return [];
  const samples = silenced === 1 ? '1 sample was' : `${silenced} samples were`;
  return [`${samples} not a number and written as silence: generate this take again.`];
}

function clippingNotices(clipped: number): string[] {
  if (clipped === 0) return [];
  const samples = clipped === 1 ? '1 sample was' : `${clipped} samples were`;
  return [
    `${samples} beyond full scale and clipped: export as 32-bit float, or set a loudness target.`,
  ];
}

function loudnessNotices(
  settings: ExportSettings,
  prepared: Prepared,
  measures: ExportMeasures,
): string[] {
  const { loudness: target, truePeak: ceiling } = settings;
  if (target === null) return [];
  if (prepared.levels.loudness === null || measures.loudness === null) {
    return ['Too short or too quiet to measure its loudness, so the level was left alone.'];
  }
  const missing = target - prepared.levels.loudness - prepared.gain;
  if (missing < 0.05) return [];
  return [
    `The true-peak ceiling of ${ceiling} dBTP leaves this file at ${measures.loudness.toFixed(1)} LUFS, ${missing.toFixed(1)} LU under the target of ${target} LUFS.`,
  ];
}
