import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CudaFacts, whyCudaAbsent } from './cuda-absence';
import { OUT_OF_MEMORY, reasonIn } from './graph-failure';
import { type Device, PROVIDERS } from './providers';
import { library } from './runtime/api';
import { cudaDriver } from './runtime/cuda-driver';
import { CUDA_PROVIDER, cudaFolder } from './runtime/cuda-libraries';

/** Why a device cannot be here, in a sentence, or null when it may be; told without opening a graph. */
export function whyAbsent(device: Device): string | null {
  const { label, platforms } = PROVIDERS[device];
  if (!platforms.includes(process.platform)) {
    return `${label} is not in this build of onnxruntime.`;
  }
  return LACKS[device]?.() ?? null;
}

/** What devices need besides their provider, where it can be missing. */
const LACKS: Partial<Record<Device, () => string | null>> = {
  cuda: () => whyCudaAbsent({ provider: cudaProvider(), driver: cudaDriver() }),
  webgpu: () =>
    process.platform === 'linux' && !canLoad('libvulkan.so.1')
      ? 'WebGPU needs the Vulkan loader, which is not installed (Debian: libvulkan1).'
      : null,
};

function cudaProvider(): CudaFacts['provider'] {
  if (existsSync(join(dirname(library().file), CUDA_PROVIDER))) return 'here';
  const unfit = cudaFolder();
  return unfit === null ? 'nowhere' : { unfit };
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
  const message = cause instanceof Error ? cause.message : String(cause);
  const { label: name, libraryCommands } = PROVIDERS[device];
  if (/No supported adapters|Failed to get a WebGPU adapter/i.test(message)) {
    return `${name} found no graphics adapter or no Vulkan driver on this machine.`;
  }
  if (/Failed to load shared library/i.test(message)) {
    const again = libraryCommands === null ? '' : `: run ${libraryCommands}`;
    return `${name} is not here, for ONNX Runtime’s libraries for it do not load${again}.`;
  }
  const library = message.match(/(lib[\w.]+\.so[\d.]*): cannot open shared object/)?.[1];
  if (library) return `${name} needs ${library}, which is not installed.`;
  if (OUT_OF_MEMORY.test(message)) {
    return `${name} needs more memory than its device has free: close other programs that use it, or choose a smaller voice pack.`;
  }
  const [, code, said] = message.match(/CUDA failure (\d+): (.*?) ;/) ?? [];
  if (code !== undefined) return `${name} failed: ${said} (error ${code}).`;
  return `${name} failed: ${reasonIn(message)}.`;
}
