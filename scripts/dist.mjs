// `npm run dist`: the packaged app. Without arguments as a folder; `-- --linux`, `-- --mac` or
// `-- --win` make what one gives away, on that platform, and `-- --linux deb` one of them. Prints where it
// is; `--if-stale` leaves a package alone that is still what would be made. docs/releasing.md.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, hashFiles } from './build.mjs';
import { writeChecksums } from './packaging/checksums.mjs';
import { buildDeb } from './packaging/deb.mjs';
import { folderHash } from './packaging/folder-hash.mjs';
import { writeSbom } from './packaging/sbom.mjs';
import { buildTarball } from './packaging/tarball.mjs';
import { readOutput, runToEnd } from './setup/child-process.mjs';
import { runCommand, SetupError, say, step } from './setup/progress.mjs';
import { ROOT, setUpWindow } from './setup.mjs';

/** @typedef {import('./setup/electron-runtime.mjs').Runtime} Runtime */

/** Switches that ask electron-builder for a platform or a processor, by Node's name of it. */
const TARGETS = [
  { own: process.platform === 'linux', switches: ['--linux', '-l'] },
  { own: process.platform === 'darwin', switches: ['--mac', '-m', '--macos', '-o'] },
  { own: process.platform === 'win32', switches: ['--win', '-w', '--windows'] },
  { own: process.arch === 'x64', switches: ['--x64'] },
  { own: process.arch === 'arm64', switches: ['--arm64'] },
  { own: false, switches: ['--ia32', '--armv7l', '--universal'] },
];

/**
 * The runtime in node_modules is this machine's own, so only that can be packaged.
 * @param {string[]} args
 */
function refuseOtherTargets(args) {
  const foreign = TARGETS.filter(({ own }) => !own).flatMap(({ switches }) => switches);
  const asked = args.find((arg) => foreign.includes(arg));
  if (asked) {
    throw new SetupError(
      `${asked} cannot be packaged on this machine: run the command on such a one.`,
    );
  }
}

/**
 * Where a release looks for updates: TIMBREL_UPDATE_FEED, a folder on a server that holds what this
 * command makes. Without one, Timbrel has no updates of its own.
 * @param {boolean} release
 */
function updateFeed(release) {
  const feed = process.env.TIMBREL_UPDATE_FEED;
  if (!feed || !release) return null;
  if (!feed.startsWith('https://')) {
    throw new SetupError('TIMBREL_UPDATE_FEED has to begin with https://.');
  }
  return feed;
}

/**
 * @param {Runtime} runtime
 * @param {string} output
 * @param {string[]} targets electron-builder's switches
 */
async function pack(runtime, output, targets) {
  const feed = updateFeed(runtime.source === 'official');
  const config = {
    electronVersion: runtime.version,
    electronDist: runtime.folder,
    'directories.output': output,
    ...(feed && { 'publish.provider': 'generic', 'publish.url': feed }),
    ...(runtime.source === 'substitute' && {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: macros of electron-builder
      artifactName: 'TEST-BUILD-${name}-${version}-${arch}.${ext}',
    }),
  };
  const settings = Object.entries(config).map(([key, value]) => `-c.${key}=${value}`);
  const builder = join(ROOT, 'node_modules', 'electron-builder', 'cli.js');
  // Under vitest, electron-builder would link files instead of copying them.
  const { VITEST: _, ...env } = process.env;
  const code = await runToEnd(
    process.execPath,
    [builder, ...targets, '--publish=never', ...settings],
    { cwd: ROOT, env, stdio: ['ignore', process.stderr, process.stderr] },
  );
  if (code !== 0) throw new SetupError('Packaging failed: the reason is above.');
}

/** The unpacked package, by electron-builder's name for it on this platform and processor. */
function unpackedFolder() {
  const suffix = process.arch === 'x64' ? '' : `-${process.arch}`;
  if (process.platform === 'darwin') return `mac${suffix}`;
  return `${process.platform === 'win32' ? 'win' : 'linux'}${suffix}-unpacked`;
}

/** When the commit was made, in seconds: what is made of it says no other time. */
async function commitTime() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given) return Number(given);
  const { stdout } = await readOutput('git', ['log', '-1', '--format=%ct'], { cwd: ROOT });
  return Number(stdout) || Math.floor(Date.now() / 1000);
}

/** What electron-builder cannot make without downloading a tool, and Linux itself can. */
const BY_LINUX = ['deb', 'tar.gz'];

/**
 * What is to be made by Linux's own tools, and electron-builder's arguments for the rest.
 * @param {string[]} args
 */
function asked(args) {
  const linux = args.some((arg) => TARGETS[0].switches.includes(arg));
  const names = args.filter((arg) => !arg.startsWith('-'));
  const rest = args.filter((arg) => !linux || !BY_LINUX.includes(arg));
  const nothingElse = rest.every((arg) => arg.startsWith('-')) && (names.length > 0 || !linux);
  return {
    byLinux: linux ? BY_LINUX.filter((name) => names.length === 0 || names.includes(name)) : [],
    targets: rest.length === 0 || (linux && nothingElse) ? ['--dir'] : rest,
  };
}

/**
 * Makes the package and what goes with it: archives, the list of what is in it, checksums.
 * @param {Runtime} runtime
 * @param {string} output
 * @param {string[]} args
 */
async function makeAll(runtime, output, args) {
  const { byLinux, targets } = asked(args);
  await pack(runtime, output, targets);
  const { name, productName, version } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  );
  const release = runtime.source === 'official';
  const folder = join(output, unpackedFolder());
  const time = await commitTime();
  // A test build is never put in a release's place.
  const own = release ? name : `${name}-test-build`;
  // Only an AppImage is updated, and that is made by now.
  if (process.platform === 'linux') {
    await rm(join(folder, 'resources/app-update.yml'), { force: true });
  }
  if (byLinux.includes('deb')) {
    const title = release ? productName : `${productName} test build`;
    const made = { name: own, title, version, folder, root: ROOT, output };
    await buildDeb({ ...made, compression: 'xz', time });
  }
  if (byLinux.includes('tar.gz')) {
    await buildTarball({ folder, name: `${own}-${version}-${process.arch}`, output, time });
  }
  await writeSbom(ROOT, join(output, `${own}-${version}.cdx.json`), runtime.version);
  await writeChecksums(output);
  say(`  the folder’s hash: ${await folderHash(folder)}`);
}

await runCommand(async () => {
  const args = process.argv.slice(2);
  const rest = args.filter((arg) => arg !== '--if-stale');
  refuseOtherTargets(rest);
  const runtime = await setUpWindow();
  const sources = await build();
  const release = runtime.source === 'official';
  if (!release) {
    say(
      `This is a test build, not for release: it holds the substitute Electron ${runtime.version}, whose security fixes lag behind.`,
    );
  }

  const output = release ? join(ROOT, 'dist') : join(ROOT, 'dist', 'test-build');
  const stamp = join(output, '.made-from');
  const inputs = [
    'electron-builder.yml',
    'LICENSE',
    'models/default',
    'scripts/dist.mjs',
    'scripts/packaging',
  ];
  const madeFrom = [runtime.version, sources, await hashFiles(inputs, ROOT), ...rest].join(' ');
  const before = await readFile(stamp, 'utf8').catch(() => null);
  if (!args.includes('--if-stale') || before !== madeFrom) {
    await step('Packaging', async () => {
      await rm(stamp, { force: true });
      await makeAll(runtime, output, rest);
      await writeFile(stamp, madeFrom);
    });
  }
  console.log(output);
  return 0;
});
