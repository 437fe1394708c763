import { link, readFile, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../contract/failure';
import { FailureError } from '../../contract/failure';
import { PackSummary } from '../../contract/pack';
import { loadPack, type Pack } from './pack';
import { DEFAULT_PACK } from './testing/default-pack';
import { SMALL_CODEBOOK, smallManifest, smallTable, writeSmallPack } from './testing/small-pack';
import { writeNeighbours } from './write-neighbours';

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => {
      throw new Error('It was accepted.');
    },
    (error) => {
      expect(error).toBeInstanceOf(FailureError);
      return (error as FailureError).failure;
    },
  );

describe('the default pack', () => {
  let pack: Pack;
  beforeAll(async () => {
    pack = await loadPack(DEFAULT_PACK);
  });

  it('fits the contract, with groups from the floor to 1 in hundredths', () => {
    const summary = PackSummary.parse(pack.summary);
    const { floor } = pack.manifest.neighbours;
    const first = Math.ceil(floor * 100 - 1e-9);
    expect(summary.groups.map((group) => group.theta)).toEqual(
      Array.from({ length: 101 - first }, (_, i) => (first + i) / 100),
    );
    const { codebookSize } = pack.manifest;
    expect(summary.groups.at(-1)).toMatchObject({ meanSize: 1, singletons: codebookSize });
    for (let i = 1; i < summary.groups.length; i++) {
      expect(summary.groups[i].meanSize).toBeLessThanOrEqual(summary.groups[i - 1].meanSize);
    }
  });

  it('has a sample of every voice', async () => {
    for (const { name } of pack.summary.voices) {
      const { sampleRate, samples } = await pack.voiceSample(name);
      expect(sampleRate).toBe(pack.summary.sampleRate);
      expect(samples.length / sampleRate).toBeGreaterThan(1);
      expect(Math.max(...samples)).toBeGreaterThan(0.05);
    }
    expect(await failureOf(pack.voiceSample('nobody'))).toMatchObject({ kind: 'usage' });
  });
});

describe('a folder', () => {
  const { models, voices } = smallManifest();

  it('loads when it is whole', async () => {
    const pack = await loadPack(await writeSmallPack());
    expect(pack.neighbours.tokens).toBe(SMALL_CODEBOOK);
    expect(pack.engine.target.file).toBe(join(pack.folder, pack.manifest.models.target.file));
    expect(pack.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says which file is missing', async () => {
    const folder = await writeSmallPack();
    const path = join(folder, models.draft.file);
    await unlink(path);
    const { kind, message } = await failureOf(loadPack(folder));
    expect(kind).toBe('pack');
    expect(message).toContain(path);
    expect(message).toContain('missing');
  });

  it('says which file was altered, and both hashes', async () => {
    const folder = await writeSmallPack();
    const path = join(folder, models.target.file);
    const bytes = await readFile(path);
    bytes[3] ^= 1;
    await writeFile(path, bytes);
    const { kind, message } = await failureOf(loadPack(folder));
    expect(kind).toBe('pack');
    expect(message).toContain(path);
    expect(message.match(/[0-9a-f]{64}/g)).toHaveLength(2);
  });

  it('says the sizes when a file was cut short, and hashes nothing', async () => {
    const folder = await writeSmallPack();
    const { file } = models.codecDecoder;
    const whole = await readFile(join(folder, file));
    await writeFile(join(folder, file), 'the con');
    const { message } = await failureOf(loadPack(folder));
    expect(message).toContain(`${file} was altered`);
    expect(message).toContain(`expected ${whole.length} bytes, found 7`);
    expect(message).not.toMatch(/[0-9a-f]{64}/);
  });

  it('plays no sample that was put in place of its own', async () => {
    const pack = await loadPack(await writeSmallPack());
    const [{ name, sample }] = voices;
    const path = join(pack.folder, sample);
    await pack.voiceSample(name);
    await rename(path, `${path}.elsewhere`);
    await symlink(`${path}.elsewhere`, path);
    const unplayable = { kind: 'pack', message: expect.stringContaining('cannot be played') };
    expect(await failureOf(pack.voiceSample(name))).toMatchObject(unplayable);
    await unlink(path);
    await writeFile(path, '');
    await truncate(path, 17 * 2 ** 30);
    expect(await failureOf(pack.voiceSample(name))).toMatchObject(unplayable);
  });

  it.each([
    ['a symbolic link', symlink],
    ['a hard link', link],
  ])('must not hold %s', async (_, make) => {
    const folder = await writeSmallPack();
    const path = join(folder, models.target.file);
    await rename(path, `${path}.elsewhere`);
    await make(`${path}.elsewhere`, path);
    const { kind, message } = await failureOf(loadPack(folder));
    expect(kind).toBe('pack');
    expect(message).toContain('link');
  });

  it('must not reach out through a linked folder', async () => {
    const folder = await writeSmallPack();
    const inside = join(folder, dirname(voices[0].sample));
    await rename(inside, `${folder}-voices`);
    await symlink(`${folder}-voices`, inside);
    expect(await failureOf(loadPack(folder))).toMatchObject({ kind: 'pack' });
  });

  it.each([
    ['nothing', undefined],
    ['no JSON', '{"schema": 1,'],
    ['another kind of JSON', '[1, 2, 3]'],
    ['too much', ' '.repeat(2 ** 20 + 1)],
  ])('is refused when its manifest holds %s', async (_, content) => {
    const folder = await writeSmallPack();
    await unlink(join(folder, 'pack.json'));
    if (content !== undefined) await writeFile(join(folder, 'pack.json'), content);
    const { kind, message } = await failureOf(loadPack(folder));
    expect(kind).toBe('pack');
    expect(message).toContain('pack.json');
  });

  it('is refused when its neighbours are of another codebook or floor', async () => {
    const other = smallManifest();
    other.codebookSize = SMALL_CODEBOOK + 1;
    expect((await failureOf(loadPack(await writeSmallPack(other)))).message).toContain(
      `${SMALL_CODEBOOK} tokens`,
    );
  });

  it('is refused when it was trained on another dictionary', async () => {
    const other = smallManifest();
    other.text.dictionary.version = '2.0.0';
    expect((await failureOf(loadPack(await writeSmallPack(other)))).message).toContain('2.0.0');
  });
});

describe('a new neighbour table', () => {
  it('is loaded with the floor it was made for', async () => {
    const folder = await writeSmallPack();
    await writeNeighbours({ folder, table: smallTable, floor: 0.5 });
    const pack = await loadPack(folder);
    expect(pack.summary.thetaFloor).toBe(0.5);
    expect(pack.summary.defaults.theta).toBe(0.5);
    expect(pack.summary.groups).toHaveLength(51);
    const { cosines, one } = pack.neighbours;
    for (const cosine of cosines) expect(cosine / one).toBeGreaterThan(0.4999);
  });

  it('is not made from a table of another size', async () => {
    const folder = await writeSmallPack();
    const work = writeNeighbours({ folder, table: smallTable, width: 5 });
    expect(await failureOf(work)).toMatchObject({ kind: 'usage' });
    await loadPack(folder);
  });
});
