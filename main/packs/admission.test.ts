import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FailureError } from '../../contract/failure';
import type { Child } from '../child';
import type { TrialCommand, TrialReport } from '../inference/messages';
import { AdmittedPacks, admitPack } from './admission';
import { loadPack, type Pack } from './pack';
import { DEFAULT_PACK } from './testing/default-pack';
import { writeSmallPack } from './testing/small-pack';

let cache: string;
let started: TrialCommand[];
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'timbrel-admission-'));
  started = [];
  return () => rm(cache, { recursive: true });
});

/** Stands in for the process of the trial: says `reports`, and then ends if it is to. */
function trial(reports: TrialReport[], ends = false): () => Child<TrialCommand, TrialReport> {
  return () => {
    let hear: (report: TrialReport) => void = () => undefined;
    let close = () => {};
    return {
      pid: undefined,
      post: (command) => {
        started.push(command);
        for (const report of reports) hear(report);
        if (ends) close();
      },
      onMessage: (listener) => {
        hear = listener;
      },
      onClose: (listener) => {
        close = listener;
      },
      close: () => undefined,
      kill: () => undefined,
    };
  };
}

const admit = (pack: Pack, start: () => Child<TrialCommand, TrialReport>) =>
  admitPack(pack, { start, admitted: new AdmittedPacks(cache) });

const passed = trial([{ type: 'tried', failure: null }]);

describe('a pack', () => {
  it('that ships with the program stands no trial', async () => {
    await admit(await loadPack(DEFAULT_PACK), passed);
    expect(started).toEqual([]);
  });

  it('from elsewhere stands one, once', async () => {
    const pack = await loadPack(await writeSmallPack());
    await admit(pack, passed);
    await admit(pack, passed);
    expect(started).toHaveLength(1);
    const [command] = started;
    expect(command).toMatchObject({ type: 'pack', folder: pack.folder, pack: pack.engine });
    const { file } = pack.manifest.models.target;
    expect(command.type === 'pack' && command.files[file]).toBe(pack.manifest.files[file].bytes);
  });

  it('gets no more memory for being large than the machine can spare', async () => {
    const pack = await loadPack(await writeSmallPack());
    const zeros = { bytes: 2 ** 40, sha256: '0'.repeat(64) };
    const manifest = { ...pack.manifest, files: { ...pack.manifest.files, zeros } };
    await admit({ ...pack, manifest }, passed);
    const [command] = started;
    expect(command.type === 'pack' && command.memoryBytes).toBeLessThan(totalmem());
  });

  it('that was changed stands another', async () => {
    const pack = await loadPack(await writeSmallPack());
    await admit(pack, passed);
    await admit({ ...pack, sha256: 'another' }, passed);
    expect(started).toHaveLength(2);
  });

  it('is tried again where what was kept is damaged', async () => {
    const pack = await loadPack(await writeSmallPack());
    await admit(pack, passed);
    await writeFile(join(cache, 'admitted-packs.json'), '{"a');
    await admit(pack, passed);
    expect(started).toHaveLength(2);
  });

  it('that fails is refused in the words of its trial, each time', async () => {
    const pack = await loadPack(await writeSmallPack());
    const failure = { kind: 'runtime', message: 'It is bad.' } as const;
    const failed = trial([{ type: 'tried', failure }]);
    for (let i = 0; i < 2; i++) {
      const error = await admit(pack, failed).catch((error) => error);
      expect(error).toBeInstanceOf(FailureError);
      expect(error.failure).toEqual({ kind: 'pack', message: 'It is bad.' });
    }
    expect(started).toHaveLength(2);
    await expect(readFile(join(cache, 'admitted-packs.json'))).rejects.toThrow('ENOENT');
  });

  it('that ends its process is refused by the name of the file that was tried', async () => {
    const pack = await loadPack(await writeSmallPack());
    const lost = trial([{ type: 'trying', file: '/somewhere/codec.onnx' }], true);
    await expect(admit(pack, lost)).rejects.toThrow(/^codec\.onnx ended its trial: it needs more/);
  });
});
