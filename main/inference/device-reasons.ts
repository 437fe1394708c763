import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toFailure } from '../../contract/failure';
import { reasonIn } from './graph-failure';
import { DEVICE_NAMES, type Device } from './messages';
import { PROVIDERS } from './providers';
import { library } from './runtime/api';

/** ONNX Runtime's own name for what it loads for CUDA. */
const CUDA_PROVIDER =
  process.platform === 'win32'
    ? 'onnxruntime_providers_cuda.dll'
    : 'libonnxruntime_providers_cuda.so';

/** Why a device cannot be here, in a sentence, or null when it may be; told without opening anything. */
export function whyAbsent(device: Device): string | null {
  const name = DEVICE_NAMES[device];
  if (!PROVIDERS[device].platforms.includes(process.platform)) {
    return `${name} is not in this build of onnxruntime.`;
  }
  if (device === 'cuda' && !existsSync(join(dirname(library().file), CUDA_PROVIDER))) {
    return `${name} is not here: onnxruntime’s library for it is not installed.`;
  }
  if (device === 'webgpu' && process.platform === 'linux' && !canLoad('libvulkan.so.1')) {
    return `${name} needs the Vulkan loader, which is not installed (Debian: libvulkan1).`;
  }
  return null;
}

/** Whether the system's loader finds a library; asked first, for WebGPU complains aloud. */
function canLoad(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
  } catch (error) {
    // One that is found is refused later, for being no add-on of Node.
    return !/cannot open shared object/.test((error as Error).message);
  }
  return true;
}

/** What an error, or what caused it, says of a device, in a sentence. */
export function reasonOf(device: Device, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { message } = toFailure(cause);
  const name = DEVICE_NAMES[device];
  if (/No supported adapters|Failed to get a WebGPU adapter/i.test(message)) {
    return `${name} found no graphics adapter or no Vulkan driver on this machine.`;
  }
  if (/Failed to load shared library/i.test(message)) {
    return `${name} is not here: onnxruntime’s libraries for it do not load.`;
  }
  const library = message.match(/(lib[\w.]+\.so[\d.]*): cannot open shared object/)?.[1];
  if (library) return `${name} needs ${library}, which is not installed.`;
  return `${name} failed: ${reasonIn(message)}.`;
}
