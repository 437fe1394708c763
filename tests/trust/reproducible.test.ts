import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { folderHash } from '../../scripts/packaging/folder-hash.mjs';
import { ROOT } from '../app/launch';
import { packageApp } from '../packaged-app';
import { IN_FULL, record } from './figures';

const run = promisify(execFile);

it('gives the same folder when it is built again elsewhere', { timeout: 600_000 }, async (ctx) => {
  if (process.platform !== 'linux') ctx.skip('hard links are made by the cp of Linux');
  if (!IN_FULL) ctx.skip('it builds and packages all again: npm run trust does so');
  const folder = dirname((await packageApp()).executable);
  const first = await folderHash(folder);

  // On the same disk, so that the packages can be linked.
  const again = join(ROOT, '.cache/built-again');
  const clear = () => rm(again, { recursive: true, force: true });
  await clear();
  onTestFinished(clear);
  const { stdout: listed } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: ROOT, maxBuffer: 64 << 20 },
  );
  for (const file of listed.split('\0').filter(Boolean)) {
    await mkdir(dirname(join(again, file)), { recursive: true });
    await cp(join(ROOT, file), join(again, file));
  }
  await run('cp', ['-al', join(ROOT, 'node_modules'), join(again, 'node_modules')]);
  const { stdout } = await run(process.execPath, ['scripts/dist.mjs'], {
    cwd: again,
    maxBuffer: 64 << 20,
  });
  const second = await folderHash(join(stdout.trim(), basename(folder)));

  record(ctx, {
    threat: 'the package built twice from the same files',
    tried: 1,
    survived: second === first ? 1 : 0,
    figure: `SHA-256 of the folder: ${second.slice(0, 16)}…`,
  });
  expect(second).toBe(first);
});
