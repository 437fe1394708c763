import { afterEach, expect, it, vi } from 'vitest';

const present = vi.hoisted(() => ({ files: new Set<string>() }));
vi.mock('node:fs', () => ({
  existsSync: (path: string) => present.files.has(path),
  readdirSync: () => ['driver.json'],
}));

const DIST = '/repository/node_modules/electron/dist';
const carried = [`${DIST}/vk_swiftshader_icd.json`, `${DIST}/libvulkan.so.1`];

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function found(files: string[], platform = 'linux') {
  present.files = new Set(files);
  vi.spyOn(process, 'platform', 'get').mockReturnValue(platform as NodeJS.Platform);
  const { softwareGpu } = await import('./software-gpu.mjs');
  return softwareGpu('/repository');
}

it('is SwiftShader where Electron is and the system has no driver', async () => {
  vi.stubEnv('VK_DRIVER_FILES', '');
  vi.stubEnv('VK_ICD_FILENAMES', '');
  expect(await found(carried)).toEqual({
    VK_DRIVER_FILES: carried[0],
    LD_LIBRARY_PATH: DIST,
    SOFTWARE_GPU: '1',
  });
});

it('gives way to a driver of the system, to one that is named, and to other systems', async () => {
  vi.stubEnv('VK_DRIVER_FILES', '');
  vi.stubEnv('VK_ICD_FILENAMES', '');
  expect(await found([...carried, '/usr/share/vulkan/icd.d'])).toEqual({});
  expect(await found(carried.slice(0, 1))).toEqual({});
  expect(await found(carried, 'darwin')).toEqual({});
  vi.stubEnv('VK_ICD_FILENAMES', '/opt/nvidia_icd.json');
  expect(await found(carried)).toEqual({});
});
