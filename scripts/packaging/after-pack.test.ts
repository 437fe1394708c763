import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keepListedFiles } from './after-pack.mjs';

it('leaves of a voice pack what its manifest lists', async () => {
  const pack = await mkdtemp(join(tmpdir(), 'timbrel-packaging-'));
  onTestFinished(() => rm(pack, { recursive: true }));
  for (const folder of ['voices', 'report/plots']) {
    await mkdir(join(pack, folder), { recursive: true });
  }
  const files = { 'target.onnx': {}, 'voices/alto.wav': {}, 'report.json': {} };
  await writeFile(join(pack, 'pack.json'), JSON.stringify({ files }));
  const others = ['REPORT.md', 'voices/notes.txt', 'report/plots/loss.svg'];
  for (const name of [...Object.keys(files), ...others]) await writeFile(join(pack, name), '');
  await keepListedFiles(pack);
  expect((await readdir(pack, { recursive: true })).sort()).toEqual(
    ['pack.json', 'report.json', 'target.onnx', 'voices', join('voices', 'alto.wav')].sort(),
  );
});
