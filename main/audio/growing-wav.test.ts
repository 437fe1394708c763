import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GrowingWav, repairWav } from './growing-wav';
import { readWav } from './wav';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-growing-'));
  path = join(folder, 'audio.wav');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ramp = (length: number, start = 0) => Float32Array.from({ length }, (_, i) => start + i);

describe('GrowingWav', () => {
  it('is a whole WAV file from the start and after every append', async () => {
    const wav = await GrowingWav.create(path, 24_000);
    let length = 0;
    for (const added of [0, 1, 320, 7]) {
      await wav.append(ramp(added, length));
      length += added;
      const bytes = await readFile(path);
      expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
      expect(bytes.readUInt32LE(46)).toBe(length);
      expect(bytes.readUInt32LE(54)).toBe(4 * length);
      expect(readWav(bytes)).toMatchObject({ sampleRate: 24_000, bits: 32, samples: ramp(length) });
      expect(wav.samples).toBe(length);
    }
    await wav.close();
  });

  it('keeps the order of appends that nobody waited for, and copies what it is given', async () => {
    const wav = await GrowingWav.create(path, 16_000);
    const reused = new Float32Array(100);
    const appends = Array.from({ length: 20 }, (_, i) => {
      reused.set(ramp(100, 100 * i));
      return wav.append(reused);
    });
    await Promise.all(appends);
    await wav.close();
    expect(readWav(await readFile(path)).samples).toEqual(ramp(2000));
  });

  it('says in which folder it could not write, and what to do', async () => {
    const file = join(folder, 'a file');
    await writeFile(file, '');
    await expect(GrowingWav.create(join(file, 'audio.wav'), 16_000)).rejects.toMatchObject({
      failure: { kind: 'storage', message: expect.stringMatching(/^The folder .*a file is not/) },
    });
  });
});

describe('repairWav', () => {
  async function written(samples: number): Promise<Buffer> {
    const wav = await GrowingWav.create(path, 16_000);
    await wav.append(ramp(samples));
    await wav.close();
    return readFile(path);
  }

  it('leaves a whole file alone', async () => {
    const before = await written(50);
    expect(await repairWav(path, 16_000)).toBe(50);
    expect(await readFile(path)).toEqual(before);
  });

  it('takes in samples that the head did not know yet, but no half ones', async () => {
    const before = await written(50);
    const late = new Uint8Array(Float32Array.of(50, 51).buffer);
    await writeFile(path, Buffer.concat([before, late, Buffer.of(1, 2, 3)]));
    expect(await repairWav(path, 16_000)).toBe(52);
    const after = await readFile(path);
    expect(after).toHaveLength(58 + 4 * 52);
    expect(after.readUInt32LE(54)).toBe(4 * 52);
    expect(readWav(after).samples).toEqual(ramp(52));
  });

  it('corrects a head that promises more than there is', async () => {
    await written(50);
    await truncate(path, 58 + 4 * 10 + 1);
    expect(await repairWav(path, 16_000)).toBe(10);
    expect(readWav(await readFile(path)).samples).toEqual(ramp(10));
  });

  it('writes the head anew where it is gone, cut, or the file is missing', async () => {
    const before = await written(50);
    await writeFile(path, Buffer.concat([Buffer.alloc(58), before.subarray(58)]));
    expect(await repairWav(path, 16_000)).toBe(50);
    expect(await readFile(path)).toEqual(before);

    await truncate(path, 20);
    expect(await repairWav(path, 16_000)).toBe(0);
    await rm(path);
    expect(await repairWav(path, 16_000)).toBe(0);
    expect(readWav(await readFile(path))).toMatchObject({ sampleRate: 16_000 });
  });
});
