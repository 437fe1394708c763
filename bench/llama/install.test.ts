import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildFor, installLlama, LLAMA_PACKAGE } from './install';

afterEach(() => vi.unstubAllEnvs());

describe('builds of llama.cpp', () => {
  it.each([
    ['linux-x64', false, 'linux-x64', false],
    ['linux-x64', true, 'linux-x64-vulkan', 'vulkan'],
    ['win32-x64', true, 'win-x64-vulkan', 'vulkan'],
    ['darwin-arm64', true, 'mac-arm64-metal', 'metal'],
  ] as const)('for %s, on the GPU %s', (platform, onGpu, name, backend) => {
    expect(buildFor(platform, onGpu)).toEqual({ package: name, backend });
  });

  it('are missed in a sentence', () => {
    const missing = 'there is no node-llama-cpp for linux-arm64 here.';
    expect(() => buildFor('linux-arm64', true)).toThrow(missing);
  });
});

it('uses a folder that was filled elsewhere, without npm', async () => {
  vi.stubEnv('npm_execpath', undefined);
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-llama-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const fetched = `${LLAMA_PACKAGE} is fetched only when npm runs the command.`;
  await expect(installLlama(folder, false)).rejects.toThrow(fetched);

  const entry = join(folder, 'node_modules', LLAMA_PACKAGE, 'dist/index.js');
  await mkdir(dirname(entry), { recursive: true });
  await writeFile(entry, '');
  const build = buildFor(`${process.platform}-${process.arch}`, false).package;
  await mkdir(join(folder, 'node_modules/@node-llama-cpp', build), { recursive: true });
  expect(await installLlama(folder, false)).toEqual({
    binding: pathToFileURL(entry).href,
    backend: false,
  });
});
