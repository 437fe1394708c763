import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './setup.mjs';

const COMPILER = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
const SOURCE = 'main/decoding/assembly/row.ts';
const OPTIONS = '-O3 --noAssert --runtime stub --enable simd --initialMemory 1'.split(' ');

/** The text of the module that holds the compiled programs. Throws an `Error` with the compiler's words. */
export async function rowProgram() {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-assembly-'));
  try {
    const file = join(folder, 'row.wasm');
    const args = [COMPILER, SOURCE, ...OPTIONS, '--outFile', file];
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const lines = (await readFile(file, 'base64')).match(/.{1,96}/g) ?? [];
    return [
      `// Made by \`npm run assembly\` from ${SOURCE}.`,
      '',
      '/** A WebAssembly module in base 64. */',
      'export const ROW_PROGRAM =',
      `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
      '',
    ].join('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}
