// `npm run readme`: writes into README.md what models/default/pack.json says of the voice pack.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describePack, withDescription } from './pack-description.mjs';
import { runCommand } from './setup/progress.mjs';
import { ROOT } from './setup.mjs';

await runCommand(async () => {
  const path = join(ROOT, 'README.md');
  const manifest = await readFile(join(ROOT, 'models/default/pack.json'), 'utf8');
  const page = await readFile(path, 'utf8');
  await writeFile(path, withDescription(page, describePack(JSON.parse(manifest))));
  return 0;
});
