// What `electron [switches] DIRECTORY` runs when the runtime ships no default app of its own:
// preloads what `-r` names (the end-to-end tests attach that way), then starts the app in DIRECTORY.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

/** @type {string[]} */
const preloads = [];
let directory = '';
const args = process.argv.slice(1);
for (let i = 0; i < args.length; i++) {
  if (args[i] === '-r' || args[i] === '--require') preloads.push(args[++i]);
  else if (args[i].startsWith('-')) continue;
  else {
    directory = resolve(args[i]);
    break;
  }
}

if (!directory) {
  console.error('Name the directory of an app: electron DIRECTORY');
  process.exit(2);
}

const require = createRequire(join(directory, 'package.json'));
for (const preload of preloads) require(preload);

const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
// Electron's own default app uses these two, which are not in its public interface.
const thisApp =
  /** @type {import('electron').App & Record<'setVersion' | 'setAppPath', (value: string) => void>} */ (
    app
  );
thisApp.setVersion(manifest.version);
thisApp.setName(manifest.productName ?? manifest.name);
thisApp.setAppPath(directory);
await import(pathToFileURL(resolve(directory, manifest.main)).href);
