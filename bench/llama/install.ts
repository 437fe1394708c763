import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const LLAMA_PACKAGE = 'node-llama-cpp';
export const LLAMA_VERSION = '3.22.1';

/** What llama.cpp reaches a GPU by, and how people call that. */
export const GPU_BACKENDS = { vulkan: 'Vulkan', metal: 'Metal' } as const;
export type GpuBackend = keyof typeof GPU_BACKENDS;
type Build = { package: string; backend: GpuBackend | false };

/** Packages that carry llama.cpp, built for the processor and for GPUs. Its build for CUDA fits few GPUs. */
const BUILDS: Record<string, { cpu: string; gpu?: Build }> = {
  'linux-x64': { cpu: 'linux-x64', gpu: { package: 'linux-x64-vulkan', backend: 'vulkan' } },
  'linux-arm64': { cpu: 'linux-arm64' },
  'darwin-arm64': {
    cpu: 'mac-arm64-metal',
    gpu: { package: 'mac-arm64-metal', backend: 'metal' },
  },
  'darwin-x64': { cpu: 'mac-x64' },
  'win32-x64': { cpu: 'win-x64', gpu: { package: 'win-x64-vulkan', backend: 'vulkan' } },
  'win32-arm64': { cpu: 'win-arm64' },
};

/** Throws an `Error` with a sentence where there is none. */
export function buildFor(platform: string, onGpu: boolean): Build {
  const builds = BUILDS[platform];
  const build = onGpu ? builds?.gpu : builds && { package: builds.cpu, backend: false as const };
  if (!build) throw new Error(`there is no ${LLAMA_PACKAGE} for ${platform} here.`);
  return build;
}

/** The URL of the binding's entry to import, and what of it is to be used. */
export type Installed = { binding: string; backend: GpuBackend | false };

/**
 * The binding to llama.cpp for the processor or a GPU, fetched into `folder` when it is first needed: some 85 MB that
 * nobody else does with, and 72 more for GPUs. A folder that was filled elsewhere is used as it is. Throws an `Error`
 * with a sentence.
 */
export async function installLlama(folder: string, onGpu: boolean): Promise<Installed> {
  const entry = join(folder, 'node_modules', LLAMA_PACKAGE, 'dist/index.js');
  const build = buildFor(`${process.platform}-${process.arch}`, onGpu);
  const buildPackage = `@node-llama-cpp/${build.package}`;
  const here = [entry, join(folder, 'node_modules', buildPackage)];
  const missing = await Promise.all(here.map((path) => stat(path).catch(() => null)));
  if (missing.includes(null)) await npmInstall(folder, [LLAMA_PACKAGE, buildPackage]);
  return { binding: pathToFileURL(entry).href, backend: build.backend };
}

async function npmInstall(folder: string, packages: string[]): Promise<void> {
  const npm = process.env.npm_execpath;
  if (!npm) throw new Error(`${LLAMA_PACKAGE} is fetched only when npm runs the command.`);
  process.stderr.write(`Fetching ${LLAMA_PACKAGE} ${LLAMA_VERSION} into ${folder}\n`);
  await mkdir(folder, { recursive: true });
  // What an earlier run fetched stays listed, or npm would remove it.
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n', { flag: 'wx' }).catch(
    () => undefined,
  );
  // Its optional packages are the builds for all other platforms, its scripts would compile one.
  const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  const named = packages.map((name) => `${name}@${LLAMA_VERSION}`);
  try {
    await promisify(execFile)(process.execPath, [npm, 'install', ...flags, ...named], {
      cwd: folder,
    });
  } catch (error) {
    const reason = `${(error as { stderr?: string }).stderr}`.match(/npm error (.*)/)?.[1];
    throw new Error(`${LLAMA_PACKAGE} could not be fetched (${reason ?? 'npm failed'}).`);
  }
}
