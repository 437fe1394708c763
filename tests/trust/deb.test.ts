import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildDeb } from '../../scripts/packaging/deb.mjs';
import { RUNTIME_PACKAGES } from '../../scripts/setup/system-libraries.mjs';
import { ROOT } from '../app/launch';
import { debuggingAddress, engineState, packageApp } from '../packaged-app';
import { record } from './figures';

const run = promisify(execFile);

/** Of its own, so that an installed Timbrel is never touched. */
const NAME = 'timbrel-test-build';
const PROGRAM = `/opt/${NAME}`;
const USER = `timbrel-test-${process.pid}`;
/** Not in `folder`, which is root's alone. */
const HOME = join(tmpdir(), USER);

const has = (tool: string) =>
  ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].some((folder) => existsSync(join(folder, tool)));
const lacking = ['dpkg', 'dpkg-deb', 'useradd', 'userdel', 'setpriv', 'ldd'].filter(
  (tool) => !has(tool),
);

/** Why a package cannot be installed here, or null. */
const reason =
  process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)
    ? 'a Debian package is for Linux on x64 and arm64'
    : process.getuid?.() !== 0
      ? 'only root may install a package'
      : lacking.length > 0
        ? `this system lacks ${lacking.join(', ')}`
        : null;

let folder: string;
let app: ChildProcess | null = null;
let browser: Browser | null = null;

const isInstalled = async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a field of dpkg
  const { stdout } = await run('dpkg-query', ['-W', '-f=${db:Status-Status}', NAME]).catch(() => ({
    stdout: '',
  }));
  return stdout === 'installed';
};
const purge = () => run('dpkg', ['--purge', '--force-unsafe-io', NAME]);

beforeAll(async () => {
  if (reason !== null) return;
  folder = await mkdtemp(join(tmpdir(), 'timbrel-deb-test-'));
  // What a run that was killed left.
  if (await isInstalled()) await purge();
});

afterAll(async () => {
  if (reason !== null) return;
  await browser?.close().catch(() => undefined);
  if (app?.pid !== undefined && app.exitCode === null) process.kill(-app.pid, 'SIGKILL');
  if (await isInstalled()) await purge();
  await run('userdel', ['--remove', USER]).catch(() => undefined);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

it('is installed, started by an ordinary user inside the sandbox, and removed', async (ctx) => {
  if (reason !== null) ctx.skip(reason);
  const deb = await buildDeb({
    name: NAME,
    title: 'Timbrel test build',
    version: '0.0.1-test.1',
    folder: dirname((await packageApp()).executable),
    root: ROOT,
    output: folder,
    compression: 'none',
    time: 1_700_000_000,
  });
  await run('dpkg', ['--install', '--force-unsafe-io', deb]);
  expect(await isInstalled()).toBe(true);
  await run('useradd', ['--system', '--user-group', '--create-home', '--home-dir', HOME, USER]);

  expect(await realpath(`/usr/bin/${NAME}`)).toBe(`${PROGRAM}/timbrel`);
  const { uid, mode } = await stat(`${PROGRAM}/chrome-sandbox`);
  expect({ uid, mode: (mode & 0o7777).toString(8) }).toEqual({ uid: 0, mode: '4755' });
  expect(existsSync(`${PROGRAM}/resources/app-update.yml`)).toBe(false);
  expect(await readFile(`/usr/share/applications/${NAME}.desktop`, 'utf8')).toContain(
    `Exec=${PROGRAM}/timbrel\nIcon=${NAME}\n`,
  );
  const copyright = await readFile(`/usr/share/doc/${NAME}/copyright`, 'utf8');
  for (const part of ['Timbrel', 'onnxruntime-node', 'SIL OPEN FONT LICENSE', 'Chromium']) {
    expect(copyright).toContain(part);
  }
  expect(await libraryOwners()).toEqual({ missing: [], unnamed: [] });
  // Nothing in the package can be changed by anyone but root.
  const { stdout: writable } = await run('find', [PROGRAM, '-perm', '/022', '!', '-type', 'l']);
  expect(writable).toBe('');

  app = spawn(
    'setpriv',
    ['--reuid', USER, '--regid', USER, '--clear-groups', NAME, '--remote-debugging-port=0'],
    {
      cwd: HOME,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: '/usr/bin:/bin', HOME, DISPLAY: process.env.DISPLAY },
    },
  );
  const ended = once(app, 'exit');
  browser = await chromium.connectOverCDP(await debuggingAddress(app));
  const [context] = browser.contexts();
  const page = context.pages()[0] ?? (await context.waitForEvent('page'));
  await page.waitForFunction(() => 'timbrel' in window);
  await expect
    .poll(async () => (await engineState(page)).status, { timeout: 60_000, interval: 250 })
    .toBe('ready');
  const { stdout: id } = await run('id', ['--user', USER]);
  const sandboxes = await sandboxesOf(Number(id), app.pid as number);
  const state = await page.evaluate(() => window.timbrel.getState(undefined));
  app.kill('SIGTERM');
  const exit = await ended;
  await purge();
  const left = [
    PROGRAM,
    `/usr/bin/${NAME}`,
    `/usr/share/applications/${NAME}.desktop`,
    `/usr/share/doc/${NAME}`,
    `/etc/apparmor.d/${NAME}`,
  ].filter((path) => existsSync(path));

  const whole = sandboxes.length > 0 && left.length === 0 && exit[0] === 0;
  record(ctx, {
    threat: 'Debian package: installed, started by a user, removed',
    tried: 1,
    survived: whole && sandboxes.every(({ inside }) => inside) ? 1 : 0,
    figure: `pages in the sandbox: ${sandboxes.filter(({ inside }) => inside).length} of ${sandboxes.length}; files left: ${left.length}`,
  });
  expect(sandboxes.length).toBeGreaterThan(0);
  expect(sandboxes.filter(({ inside }) => !inside)).toEqual([]);
  expect(state).toMatchObject({ ok: true, value: { canUpdate: false } });
  expect(exit).toEqual([0, null]);
  expect(left).toEqual([]);
});

/** Every page process of the user: system calls filtered, and a network of its own, which has nothing. */
async function sandboxesOf(uid: number, main: number) {
  const network = (pid: string | number) => readlink(`/proc/${pid}/ns/net`);
  const outside = await network(main);
  const found: { command: string; inside: boolean }[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const owner = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
      if (owner !== uid || !command.includes('--type=renderer')) continue;
      const filtered = /^Seccomp:\s+2$/m.test(status);
      const inside =
        filtered && !command.includes('--no-sandbox') && (await network(pid)) !== outside;
      found.push({ command, inside });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/**
 * Libraries that the program is linked with and that are not there; and those whose packages neither the
 * list of dependencies names nor anything that it names depends on.
 */
async function libraryOwners() {
  const { stdout: linked } = await run('ldd', [`${PROGRAM}/timbrel`]);
  const missing = [...linked.matchAll(/(\S+) => not found/g)].map(([, name]) => name);
  const paths = [...linked.matchAll(/=> (\/\S+)/g)].map(([, path]) => path);
  const named = await installedWith([...RUNTIME_PACKAGES]);
  const unnamed: string[] = [];
  for (const path of paths.filter((path) => !path.startsWith(PROGRAM))) {
    // Where /lib is a link to /usr/lib, dpkg knows a file by the one or by the other.
    const names = [path, await realpath(path), path.replace(/^\/lib/, '/usr/lib')];
    const owners = await Promise.all(
      names.map((name) => run('dpkg', ['--search', name]).catch(() => ({ stdout: '' }))),
    );
    const packages = owners.flatMap(({ stdout }) => /^([^:\s]+):/.exec(stdout)?.[1] ?? []);
    if (!packages.some((name) => named.has(name))) unnamed.push(path);
  }
  return { missing, unnamed };
}

/** These packages and all that are installed for them, by name. */
async function installedWith(names: string[]): Promise<Set<string>> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: fields of dpkg
  const format = '-f=${Package}\t${Provides}\t${Pre-Depends}, ${Depends}\n';
  const { stdout } = await run('dpkg-query', ['-W', format], { maxBuffer: 64 << 20 });
  const plain = (list: string) =>
    list.split(/[,|]/).flatMap((entry) => /^\s*([a-z0-9][^\s(:]*)/.exec(entry)?.[1] ?? []);
  const needs = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const [name, provides = '', depends = ''] = line.split('\t');
    needs.set(name, plain(depends));
    for (const other of plain(provides)) {
      if (!needs.has(other)) needs.set(other, [name]);
    }
  }
  const found = new Set(names);
  // A set hands out what is added while it is walked.
  for (const name of found) for (const needed of needs.get(name) ?? []) found.add(needed);
  return found;
}
