// `node scripts/command.mjs NAME …`: a command of the engine, without a window.
import { join } from 'node:path';
import { build } from './build.mjs';
import { runToEnd } from './setup/child-process.mjs';
import { runCommand } from './setup/progress.mjs';
import { ROOT, setUpPackages, userFolder } from './setup.mjs';

const [name, ...args] = process.argv.slice(2);

await runCommand(async () => {
  await setUpPackages();
  await build();
  const script = join(ROOT, 'out', 'main', `${name}.js`);
  return await runToEnd(process.execPath, ['--enable-source-maps', script, ...args], {
    cwd: userFolder(),
    stdio: 'inherit',
  });
});
