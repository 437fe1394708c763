import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replaceCacheFile } from '../disk/cache-file';
import type { Device, Verdict } from '../inference/messages';

const Kept = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      objection: z.string().nullable(),
      tokenMs: z.number().nullable(),
      use: z
        .object({
          half: z.boolean(),
          smallBlocks: z.boolean(),
          captured: z.boolean(),
          draftsOnCpu: z.boolean(),
        })
        .nullable(),
    }),
  ),
);

/** Combinations of pack, drivers and program beyond so many are forgotten, the oldest first. */
const MOST_KEPT = 16;

/** What came of trials, in a file of the user's own, so that the next launch need not try again. */
export class Verdicts {
  constructor(
    private readonly file: string,
    /** Of all that a verdict hangs on. */
    private readonly key: string,
  ) {}

  async load(): Promise<Partial<Record<Device, Verdict>>> {
    return (await this.read())[this.key] ?? {};
  }

  /** Where it cannot be written, the next launch tries again. */
  async save(verdicts: Partial<Record<Device, Verdict>>): Promise<void> {
    const { [this.key]: _, ...others } = await this.read();
    const kept = [...Object.entries(others).slice(1 - MOST_KEPT), [this.key, verdicts]];
    await replaceCacheFile(this.file, JSON.stringify(Object.fromEntries(kept)));
  }

  private async read(): Promise<z.infer<typeof Kept>> {
    try {
      return Kept.parse(JSON.parse(await readFile(this.file, 'utf8')));
    } catch {
      return {};
    }
  }
}
