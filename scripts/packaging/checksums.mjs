import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What electron-builder leaves beside its packages for its own use, and our own stamp. */
const NOT_GIVEN_AWAY = /^(builder-|\.|SHA256SUMS)/;

/**
 * Writes SHA256SUMS over the files that are given away, as `sha256sum --check` reads it.
 * @param {string} output
 */
export async function writeChecksums(output) {
  const entries = await readdir(output, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !NOT_GIVEN_AWAY.test(entry.name))
    .map(({ name }) => name)
    .sort();
  const lines = [];
  for (const name of names) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(output, name)), hash);
    lines.push(`${hash.digest('hex')}  ${name}\n`);
  }
  await writeFile(join(output, 'SHA256SUMS'), lines.join(''));
}
