import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { exampleTake } from '../takes/testing/examples';
import { exportTake } from './export';
import { tone } from './testing/tones';
import type * as wavModule from './wav';

let fault: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;

// A disk that stores something else than it was given.
vi.mock('./wav', async (original) => {
  const wav = await original<typeof wavModule>();
  const encodeWav: typeof wav.encodeWav = (...args) => fault(wav.encodeWav(...args));
  return { ...wav, encodeWav };
});

it('replaces nothing by a file that does not read back as it was meant', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-verify-'));
  const path = join(folder, 'Name.wav');
  await writeFile(path, 'the older file');
  const altered = (position: number, value: number) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    copy[position] = value;
    return copy;
  };
  const faults = {
    'one sample off by more than dither': altered(44 + 2 * 1000 + 1, 0x50),
    'another sample rate': altered(25, 0x7d),
    'the end is missing': (bytes: Uint8Array) => bytes.subarray(0, 2000),
    'no WAV file at all': (bytes: Uint8Array) => new Uint8Array(bytes.length),
  };
  for (const [name, harm] of Object.entries({ ...faults, none: null })) {
    fault = harm ?? ((bytes) => bytes);
    const failure = await exportTake({
      take: exampleTake(),
      samples: tone(440, 0.5, 16_000, 0.1),
      sampleRate: 16_000,
      settings: { format: 'int16', sampleRate: 'native', loudness: null, truePeak: -1 },
      path,
      version: '1',
      overwrite: true,
    }).then(
      () => null,
      (error) => error.failure.kind,
    );
    expect([name, failure]).toEqual([name, harm ? 'storage' : null]);
    if (harm) {
      expect(await readFile(path, 'utf8')).toBe('the older file');
      expect(await readdir(folder)).toEqual(['Name.wav']);
    }
  }
  await rm(folder, { recursive: true });
});
