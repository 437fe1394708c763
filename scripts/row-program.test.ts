import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rowProgram } from './row-program.mjs';

it('compiles the programs over rows to what the project holds', async () => {
  const held = join(import.meta.dirname, '../main/decoding/row-program.ts');
  expect(await rowProgram()).toBe(await readFile(held, 'utf8'));
});
