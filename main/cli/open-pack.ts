import { join } from 'node:path';
import { cacheFolder } from '../cache-folder';
import { forkChild } from '../child';
import { offerCuda } from '../devices/cuda/folder';
import { AdmittedPacks, admitPack } from '../packs/admission';
import { loadPack, type Pack } from '../packs/pack';
import { VerifiedFiles } from '../packs/verified-files';

/**
 * Opens a voice pack for a command of the build in `build`: the one in `folder`, or the one that ships. Its
 * files are verified, and its graphs may be opened. Throws a `FailureError`.
 */
export async function openPack(folder: string | null, build: string): Promise<Pack> {
  // Before anything opens graphs.
  offerCuda();
  const pack = await loadPack(folder ?? join(build, '../../models/default'), {
    verified: new VerifiedFiles(join(cacheFolder(), 'verified-files.json')),
  });
  await admitPack(pack, {
    start: () => forkChild(join(build, 'trial.js')),
    admitted: new AdmittedPacks(cacheFolder()),
  });
  return pack;
}
