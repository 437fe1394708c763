import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { COMMANDS } from './scripts/commands.mjs';
import { BUILT_IN } from './scripts/licences.mjs';

// The oldest runtimes the build must run on: Node 20 for the commands, and the Electron 33 that
// stands in where the official one cannot be fetched.
const NODE = 'node20.18';
const CHROME = 'chrome130';

/**
 * Each row of a virtual list asks whether the list has sections, and copies all of its nodes for that:
 * with 10,000 rows this keeps the page from its work for 50 ms a key. Here a list is asked once.
 */
const askForSectionsOnce = {
  name: 'ask-for-sections-once',
  transform(code: string, id: string) {
    if (!/react-aria\/dist\/private\/gridlist\/useGridListItem\.m?js$/.test(id)) return;
    const asked = /let nodes = \[\s*\.\.\.collection\s*\];/;
    if (!asked.test(code))
      throw new Error(`${id} is not what it was: look at ${askForSectionsOnce.name} again.`);
    const once =
      "let nodes = (collection.sections ??= [...collection].filter((node) => node.type === 'section'));";
    return { code: code.replace(asked, once), map: null };
  },
};

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  main: {
    // As Node finds it: the entry that the package has for bundlers exports other names.
    resolve: { alias: { wavefile: 'wavefile/dist/wavefile.js' } },
    build: {
      target: NODE,
      outDir: 'out/main',
      // package.json's `dependencies` stay files of their own: native code, and a .wasm file that is read
      // by its path. Everything else is built in, so that a process reads few files at its start and
      // the package holds no packages' sources.
      license: { fileName: BUILT_IN },
      rollupOptions: {
        // The app, its processes, and the commands that run in plain Node.
        input: {
          index: at('main/index.ts'),
          inference: at('main/inference/process.ts'),
          codec: at('main/inference/codec-process.ts'),
          trial: at('main/inference/trial-process.ts'),
          copy: at('main/inference/copy-process.ts'),
          ...Object.fromEntries(
            Object.entries(COMMANDS).map(([name, source]) => [name, at(source)]),
          ),
        },
      },
    },
  },
  preload: {
    build: {
      target: NODE,
      outDir: 'out/preload',
      // A sandboxed preload can load neither ES modules nor packages.
      externalizeDeps: false,
      license: { fileName: BUILT_IN },
      rollupOptions: {
        input: { index: at('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react(), askForSectionsOnce],
    // main puts a new one in its place whenever it serves the page.
    html: { cspNonce: '%CSP_NONCE%' },
    build: {
      target: CHROME,
      outDir: 'out/renderer',
      license: { fileName: BUILT_IN },
      rollupOptions: { input: { index: at('renderer/index.html') } },
    },
  },
});
