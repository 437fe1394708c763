import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileName, freeName, sidecarPath } from './file-name';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-names-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('fileName', () => {
  it('keeps a plain name and makes others fit every system', () => {
    expect(fileName('A tale of two rules', '.wav')).toBe('A tale of two rules.wav');
    expect(fileName('Ångström θ 0.4', '.wav')).toBe('Ångström θ 0.4.wav');
    expect(fileName('and/or: what? "yes"', '.wav')).not.toMatch(/[/:?"]/);
    expect(fileName('../../etc/passwd', '.wav')).not.toContain('/');
    expect(fileName('.hidden', '.wav')).toBe('hidden.wav');
    expect(fileName('CON', '.wav')).not.toBe('CON.wav');
    for (const empty of ['', '   ', '...']) expect(fileName(empty, '.wav')).toBe('Take.wav');
  });

  it('gives a name that can be written and found again, whatever the take is called', async () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom('.', ' ', '/', '\\', 'a', '\u0000', '漢', '😀'),
        maxLength: 200,
      }),
      fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 }).map((units) => {
        return String.fromCharCode(...units);
      }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (name) => {
        const file = fileName(name, '.wav');
        expect(file).toMatch(/^[^.\s/\\].*\.wav$|^[^.\s/\\]\.wav$/su);
        expect(Buffer.byteLength(file)).toBeLessThanOrEqual(240);
        await writeFile(join(folder, file), '');
        expect(await readdir(folder)).toEqual([file]);
        await rm(join(folder, file));
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});

describe('freeName', () => {
  it('counts past names that are taken, in any case, by a sound or by a sidecar', async () => {
    expect(await freeName(folder, 'Name')).toBe('Name.wav');
    await writeFile(join(folder, 'name.WAV'), '');
    expect(await freeName(folder, 'Name')).toBe('Name 2.wav');
    await writeFile(join(folder, 'Name 2.json'), '');
    expect(await freeName(folder, 'Name')).toBe('Name 3.wav');
  });

  it('numbers long names, too', async () => {
    const long = 'word '.repeat(40);
    const first = await freeName(folder, long);
    await writeFile(join(folder, first), '');
    const second = await freeName(folder, long);
    expect(second).toBe(first.replace('.wav', ' 2.wav'));
  });

  it('takes any name in a folder that is not there', async () => {
    expect(await freeName(join(folder, 'nowhere'), 'Name')).toBe('Name.wav');
  });
});

describe('sidecarPath', () => {
  it('lies beside the sound and never is the sound', () => {
    expect(sidecarPath('/a/Name.wav')).toBe('/a/Name.json');
    expect(sidecarPath('/a/Name.WAV')).toBe('/a/Name.json');
    expect(sidecarPath('/a.b/Name')).toBe('/a.b/Name.json');
    expect(sidecarPath('/a/Name.json')).toBe('/a/Name.json.json');
  });
});
