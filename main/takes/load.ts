import { readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { oneSentence } from '../../contract/sentence';
import { Take } from '../../contract/take';
import { repairWav } from '../audio/growing-wav';
import { storageFailure } from '../audio/storage-failure';
import { countersOf, readRounds } from './rounds-file';
import { readTakeFile, TakeFile } from './take-file';
import { framesOf, roundsPath, takePath, wavPath } from './take-folder';

/** A take that could not be read, and where it lies. */
export type SetAside = { folder: string; message: string };

/** Files open at once; more only makes them queue elsewhere. */
const AT_ONCE = 32;

/**
 * Reads all takes in `folder`. One that cannot be read is reported and keeps none of the others;
 * folders that are not named as takes are none of ours.
 */
export async function loadTakes(folder: string): Promise<{ takes: Take[]; setAside: SetAside[] }> {
  const takes: Take[] = [];
  const setAside: SetAside[] = [];
  const homes = await homesIn(folder);
  const worker = async () => {
    for (let home = homes.pop(); home; home = homes.pop()) {
      const loaded = await load(home).catch((error) => ({
        folder: home,
        message: `The take in ${home} could not be read: ${storageFailure(error, home).message}`,
      }));
      if (!loaded) continue;
      if ('message' in loaded) {
        setAside.push({ ...loaded, message: oneSentence(loaded.message) });
      } else takes.push(loaded);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { takes, setAside };
}

async function homesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && Take.shape.id.safeParse(entry.name).success)
      .map((entry) => join(folder, entry.name));
  } catch (error) {
    throw storageFailure(error, folder);
  }
}

async function load(home: string): Promise<Take | SetAside | null> {
  const found = await readTakeFile(home);
  switch (found.kind) {
    case 'take': {
      // A folder that was copied by hand holds its model's id.
      const take = { ...found.take, id: basename(home) };
      return take.status === 'generating' ? recover(home, take) : take;
    }
    case 'missing':
      return null;
    case 'newer':
      return {
        folder: home,
        message: `The take in ${home} was made by a later version of Timbrel: open it with that one.`,
      };
    case 'damaged': {
      const aside = takePath(home).replace(/json$/, `unreadable-${Date.now()}.json`);
      await rename(takePath(home), aside);
      return {
        folder: home,
        message: `The settings of the take in ${home} are damaged (${found.reason}) and were set aside; its sound is still there, as ${basename(wavPath(home))}.`,
      };
    }
  }
}

/** A take whose process died under it: what the files hold decides, not what was last counted. */
async function recover(home: string, take: Take): Promise<Take> {
  // Where nothing can be written the take is heard as it is, and repaired another time.
  const frames = await repairWav(wavPath(home), take.pack.sampleRate).then(
    (samples) => framesOf(samples, take.pack),
    () => take.frames,
  );
  const kept = frames > 0 ? 'the sound made until then is kept' : 'no sound had been made yet';
  const file = new TakeFile(home, {
    ...take,
    status: 'interrupted',
    problem: `Timbrel stopped while this take was being generated; ${kept}.`,
    frames,
    counters: countersOf(await readRounds(roundsPath(home)), take.counters),
  });
  await file.save().catch(() => undefined);
  return file.take;
}
