// `npm run assembly`: compiles the programs over rows (`main/decoding/assembly`) and writes the module that holds them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rowProgram } from './row-program.mjs';
import { ROOT } from './setup.mjs';

await writeFile(join(ROOT, 'main/decoding/row-program.ts'), await rowProgram());
