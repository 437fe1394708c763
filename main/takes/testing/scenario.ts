import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Makes a script that plain Node can run of a scenario in `folder`; returns its path. */
export async function bundle(scenario: string, folder = import.meta.dirname): Promise<string> {
  // Inside the repository, where the script finds its packages.
  const outDir = join(ROOT, '.cache/scenarios');
  const name = `${scenario}-${process.pid}`;
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      ssr: join(folder, `${scenario}.ts`),
      outDir,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return join(outDir, `${name}.mjs`);
}

export function start(script: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Why this machine lets a test mount no file system of its own; null when it does. */
export function mountsRefused(): string | null {
  const tried = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  if (tried.status === 0) return null;
  const said = tried.error?.message ?? tried.stderr.toString().trim();
  return `this machine allows no mount in a user namespace (${said})`;
}

/**
 * Runs a script as the root of a user namespace and with mounts of its own, which end with it.
 * Returns what it printed, as JSON.
 */
export async function runWithMounts(script: string, ...args: string[]): Promise<unknown> {
  const child = spawn('unshare', ['-rm', process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`the scenario ended with ${code}: ${output}`);
  return JSON.parse(output);
}
