import type { BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replaceCacheFile } from '../disk/cache-file';

/** A file's hash, and by what it is known again; whole numbers beyond 2⁵³ as digits. */
const Seen = z.object({
  sha256: z.string(),
  size: z.string(),
  mtimeNs: z.string(),
  /** Unlike the time of writing, nobody sets this one back. */
  ctimeNs: z.string(),
  inode: z.string(),
  device: z.string(),
});
type Seen = z.infer<typeof Seen>;
const Kept = z.record(z.string(), Seen);

/**
 * Files of packs that were hashed before, in a file of the user's own. One that was written to since,
 * or put in another's place, is hashed again.
 */
export class VerifiedFiles {
  private seen = new Map<string, Seen>();
  private changed = false;

  constructor(private readonly file: string) {}

  /** What cannot be read is forgotten: every file is hashed then. */
  async load(): Promise<void> {
    const text = await readFile(this.file, 'utf8').catch(() => '{}');
    try {
      this.seen = new Map(Object.entries(Kept.parse(JSON.parse(text))));
    } catch {
      this.seen = new Map();
    }
  }

  knows(path: string, stats: BigIntStats, sha256: string): boolean {
    const seen = this.seen.get(path);
    return seen !== undefined && JSON.stringify(seen) === JSON.stringify(sight(stats, sha256));
  }

  remember(path: string, stats: BigIntStats, sha256: string): void {
    this.seen.set(path, sight(stats, sha256));
    this.changed = true;
  }

  /** Where it cannot be written, the next launch hashes again. */
  async save(): Promise<void> {
    if (!this.changed) return;
    this.changed = false;
    await replaceCacheFile(this.file, JSON.stringify(Object.fromEntries(this.seen)));
  }
}

function sight({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats, sha256: string): Seen {
  return {
    sha256,
    size: String(size),
    mtimeNs: String(mtimeNs),
    ctimeNs: String(ctimeNs),
    inode: String(ino),
    device: String(dev),
  };
}
