import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { CUDA_FOLDER } from '../inference/messages';
import { packagedVersion } from '../inference/packaged-library';

/** Where drivers leave a trace that changes with them, by platform; macOS brings them along. */
const TRACES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    '/proc/driver/nvidia/version',
    '/usr/share/vulkan/icd.d',
    '/etc/vulkan/icd.d',
    '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
    '/usr/lib/aarch64-linux-gnu/libvulkan.so.1',
    '/usr/lib64/libvulkan.so.1',
  ],
  win32: ['C:\\Windows\\System32\\DriverStore\\FileRepository'],
};

const CHOSEN_DRIVERS = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'];

/** Hash of all that the verdict of a trial hangs on: pack, program, onnxruntime, libraries for CUDA, drivers, processor. */
export function trialKey(packSha256: string, appVersion: string): string {
  const processors = cpus();
  const facts = [
    packSha256,
    appVersion,
    packagedVersion(),
    process.env[CUDA_FOLDER],
    process.platform,
    process.arch,
    release(),
    processors[0]?.model,
    processors.length,
    CHOSEN_DRIVERS.map((name) => process.env[name]),
    (TRACES[process.platform] ?? []).map(trace),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** What a file says or when it was written, and that of a folder's files; null where there is none. */
function trace(path: string): unknown {
  try {
    if (path.startsWith('/proc/')) return readFileSync(path, 'utf8');
    const stats = statSync(path);
    if (!stats.isDirectory() || process.platform === 'win32') return [stats.size, stats.mtimeMs];
    return readdirSync(path)
      .sort()
      .map((name) => [name, trace(join(path, name))]);
  } catch {
    return null;
  }
}
