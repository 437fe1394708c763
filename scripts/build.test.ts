import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashFiles } from './build.mjs';

let root: string;
const hash = () => hashFiles(['main', 'package.json', 'missing'], root);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'timbrel-build-'));
  await mkdir(join(root, 'main', 'deep'), { recursive: true });
  await writeFile(join(root, 'main', 'deep', 'a.ts'), 'a');
  await writeFile(join(root, 'package.json'), '{}');
});
afterEach(() => rm(root, { recursive: true }));

it('stays the same when nothing, a test or an unlisted file changes', async () => {
  const before = await hash();
  await writeFile(join(root, 'main', 'a.test.ts'), 'test');
  await writeFile(join(root, 'README.md'), 'text');
  expect(await hash()).toBe(before);
});

it.each([
  ['a file changes', 'main/deep/a.ts', 'b'],
  ['a file is added', 'main/b.ts', ''],
  ['a single listed file changes', 'package.json', '{ }'],
])('changes when %s', async (_, path, content) => {
  const before = await hash();
  await writeFile(join(root, path), content);
  expect(await hash()).not.toBe(before);
});
