// `npm run dist`: the packaged app. Without arguments as a folder; `-- --linux AppImage deb`,
// `-- --mac` or `-- --win` make what one gives away, on that platform.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, hashFiles } from './build.mjs';
import { runToEnd } from './setup/child-process.mjs';
import { runCommand, SetupError, say, step } from './setup/progress.mjs';
import { ROOT, setUpWindow } from './setup.mjs';

/** @type {Partial<Record<NodeJS.Platform, string[]>>} */
const OWN_SWITCHES = {
  linux: ['--linux', '-l'],
  darwin: ['--mac', '-m', '--macos', '-o'],
  win32: ['--win', '-w', '--windows'],
};

/** @param {string[]} args */
function refuseOtherPlatforms(args) {
  const all = Object.values(OWN_SWITCHES).flat();
  const own = OWN_SWITCHES[process.platform] ?? [];
  const other = args.find((arg) => all.includes(arg) && !own.includes(arg));
  if (other) {
    throw new SetupError(`${other} is packaged on that platform: run the command there.`);
  }
}

/**
 * Leaves a package alone when it was made from the same sources, settings, pack and runtime.
 * @param {string} output
 * @param {string} sources hash of what out/ was built from
 * @param {string} version of the runtime
 */
async function freshness(output, sources, version) {
  const stamp = join(output, '.made-from');
  const inputs = [
    'electron-builder.yml',
    'package-lock.json',
    'models/default',
    'scripts/packaging',
  ];
  const now = `${version} ${sources} ${await hashFiles(inputs, ROOT)}`;
  return {
    fresh: (await readFile(stamp, 'utf8').catch(() => '')) === now,
    forget: () => rm(stamp, { force: true }),
    remember: () => writeFile(stamp, now),
  };
}

await runCommand(async () => {
  const args = process.argv.slice(2).filter((arg) => arg !== '--if-stale');
  refuseOtherPlatforms(args);
  const runtime = await setUpWindow({ xvfb: false });
  const sources = await build();
  const release = runtime.source === 'official';
  if (!release) {
    say(
      `This is a test build, not for release: it holds the substitute Electron ${runtime.version}, whose security fixes lag behind.`,
    );
  }
  const output = join(ROOT, 'dist', ...(release ? [] : ['test-build']));
  const stamp = await freshness(output, sources, runtime.version);
  if (stamp.fresh && process.argv.includes('--if-stale')) return 0;

  return await step('Packaging', async () => {
    await stamp.forget();
    const config = {
      electronVersion: runtime.version,
      electronDist: runtime.folder,
      'directories.output': output,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: macros of electron-builder
      ...(release ? {} : { artifactName: 'TEST-BUILD-${name}-${version}-${arch}.${ext}' }),
    };
    const builder = join(ROOT, 'node_modules', 'electron-builder', 'cli.js');
    const code = await runToEnd(
      process.execPath,
      [
        builder,
        ...(args.length > 0 ? args : ['--dir']),
        '--publish=never',
        ...Object.entries(config).map(([key, value]) => `-c.${key}=${value}`),
      ],
      { cwd: ROOT, stdio: ['ignore', process.stderr, process.stderr] },
    );
    if (code !== 0) throw new SetupError('Packaging failed: the reason is above.');
    await stamp.remember();
    console.log(output);
    return 0;
  });
});
