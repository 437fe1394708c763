import { access } from 'node:fs/promises';
import type { TakeStore } from '../takes/store';

/** Those of `ids` that the store does not have, or whose sound is not on the disk. */
export async function missingTakes(takes: TakeStore, ids: readonly string[]): Promise<string[]> {
  const missing = await Promise.all(
    ids.map(async (id) => {
      if (!takes.has(id)) return [id];
      return access(takes.wavPath(id)).then(
        () => [],
        () => [id],
      );
    }),
  );
  return missing.flat();
}
