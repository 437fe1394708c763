import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const DRIVER_FOLDERS = [
  '/etc/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
];

/**
 * What to set for a process that shall find a GPU made of software: SwiftShader, which Electron brings
 * along. It computes WebGPU's programs on the CPU, slowly, and rightly but for long passes
 * (main/inference/testing/devices.ts). Nothing where the system has a Vulkan driver of its own, or
 * Electron's runtime is not there yet.
 * @param {string} root the repository's folder
 * @returns {Record<string, string>}
 */
export function softwareGpu(root) {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  if (process.platform !== 'linux' || VK_DRIVER_FILES || VK_ICD_FILENAMES) return {};
  if (DRIVER_FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0))
    return {};
  const folder = join(root, 'node_modules', 'electron', 'dist');
  const driver = join(folder, 'vk_swiftshader_icd.json');
  if (!existsSync(driver) || !existsSync(join(folder, 'libvulkan.so.1'))) return {};
  return { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: folder, SOFTWARE_GPU: '1' };
}
