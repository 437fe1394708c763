import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { onlyForCommands } from './before-pack.mjs';

it('finds what only commands import, through chunks that import chunks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-packaging-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'chunks'));
  const files = {
    'index.js':
      'import { a } from "./chunks/a.js";\nconst late = () => import("./chunks/late.js");',
    'speak.js': 'import { a } from "./chunks/a.js";\nimport "./chunks/flags.js";',
    'chunks/a.js': 'export { b } from "./b.js";',
    'chunks/b.js': '',
    'chunks/late.js': 'import { index } from "../index.js";',
    'chunks/flags.js': 'import "./words.js";',
    'chunks/words.js': '',
  };
  for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
  expect((await onlyForCommands(folder, ['speak'])).sort()).toEqual([
    'chunks/flags.js',
    'chunks/words.js',
    'speak.js',
  ]);
});
