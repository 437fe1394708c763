import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeChecksums } from './checksums.mjs';

it('lists what is given away as sha256sum reads it, and nothing else', async () => {
  const output = await mkdtemp(join(tmpdir(), 'timbrel-checksums-'));
  onTestFinished(() => rm(output, { recursive: true }));
  await mkdir(join(output, 'linux-unpacked'));
  for (const name of ['b.deb', 'a.tar.gz', 'builder-debug.yml', '.made-from', 'SHA256SUMS']) {
    await writeFile(join(output, name), name === 'b.deb' ? 'abc' : '');
  }
  await writeChecksums(output);
  expect(await readFile(join(output, 'SHA256SUMS'), 'utf8')).toBe(
    [
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.tar.gz\n',
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.deb\n',
    ].join(''),
  );
});
