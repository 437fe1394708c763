// `npm run dist`: the packaged app. Without arguments as a folder; `-- --linux AppImage deb`,
// `-- --mac` or `-- --win` make what one gives away, on that platform. Prints where it is;
// `--if-stale` leaves a package alone that is still what would be made.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, hashFiles } from './build.mjs';
import { runToEnd } from './setup/child-process.mjs';
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
 * @param {Runtime} runtime
 * @param {string} output
 * @param {string[]} targets electron-builder's switches
 */
async function pack(runtime, output, targets) {
  const config = {
    electronVersion: runtime.version,
    electronDist: runtime.folder,
    'directories.output': output,
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

await runCommand(async () => {
  const args = process.argv.slice(2);
  const targets = args.filter((arg) => arg !== '--if-stale');
  refuseOtherTargets(targets);
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
    'models/default',
    'scripts/dist.mjs',
    'scripts/packaging',
  ];
  const madeFrom = [runtime.version, sources, await hashFiles(inputs, ROOT), ...targets].join(' ');
  const before = await readFile(stamp, 'utf8').catch(() => null);
  if (!args.includes('--if-stale') || before !== madeFrom) {
    await step('Packaging', async () => {
      await rm(stamp, { force: true });
      await pack(runtime, output, targets.length > 0 ? targets : ['--dir']);
      await writeFile(stamp, madeFrom);
    });
  }
  console.log(output);
  return 0;
});
