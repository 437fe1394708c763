import { type ChildProcess, execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '..');

/** Where the parts of an unpacked package are. */
export type PackageParts = { executable: string; resources: string };

/** Parts of the package in electron-builder's folder for this platform. */
function packageParts(output: string): PackageParts {
  if (process.platform === 'darwin') {
    const contents = join(
      output,
      process.arch === 'arm64' ? 'mac-arm64' : 'mac',
      'Timbrel.app/Contents',
    );
    return { executable: join(contents, 'MacOS/Timbrel'), resources: join(contents, 'Resources') };
  }
  const windows = process.platform === 'win32';
  const folder = join(output, windows ? 'win-unpacked' : 'linux-unpacked');
  return {
    executable: join(folder, windows ? 'Timbrel.exe' : 'timbrel'),
    resources: join(folder, 'resources'),
  };
}

/** Packages the app, unless the package is still what would be made. */
export async function packageApp(): Promise<PackageParts> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'scripts/dist.mjs'), '--if-stale'],
    { cwd: ROOT },
  );
  return packageParts(stdout.trim());
}

/** The switches with which the packaged app starts in a test. Electron refuses its sandbox to root. */
export function packagedSwitches(userData: string): string[] {
  const root = process.platform === 'linux' && process.getuid?.() === 0;
  return [
    '--remote-debugging-port=0',
    `--user-data-dir=${userData}`,
    ...(root ? ['--no-sandbox'] : []),
  ];
}

/** The packaged app refuses Node's inspector, so Chromium's own debugging port is the way in. */
export function debuggingAddress(app: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let printed = '';
    app.stderr?.on('data', (data) => {
      printed += data;
      const address = /DevTools listening on (ws:\S+)/.exec(printed);
      if (address) found(address[1]);
    });
    app.once('error', failed);
    app.once('exit', (code) => failed(new Error(`The app ended with code ${code}:\n${printed}`)));
  });
}

/** What the engine of a running app says of itself. */
export const engineState = (page: Page) =>
  page.evaluate(async () => {
    const reply = await window.timbrel.getState(undefined);
    if (!reply.ok) throw new Error(reply.failure.message);
    return reply.value.engine;
  });
