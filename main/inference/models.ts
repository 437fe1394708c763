import { listSupportedBackends } from 'onnxruntime-node';
import type { DeviceReport } from '../../contract/engine';
import { toFailure } from '../../contract/failure';
import { divergence } from './agreement';
import { CodecDecoder } from './codec';
import { GraphModel } from './graph-model';
import type { DeviceChoice, EnginePack } from './messages';
import { type Device, threadsFor } from './session';

/** A pack's three graphs, open on one device. */
export type Models = {
  target: GraphModel;
  draft: GraphModel;
  codec: CodecDecoder;
  device: Device;
};

/** Beyond this a GPU does not compute what the CPU does. */
const MOST_DIVERGENCE = 1e-2;

/**
 * Opens a pack's graphs on the device asked for; `auto` takes a GPU that is there and agrees with
 * the CPU, and otherwise says why not. Throws a `runtime` failure for a named device that fails.
 */
export async function openModels(
  pack: EnginePack,
  choice: DeviceChoice,
): Promise<{ models: Models; report: DeviceReport }> {
  if (choice !== 'auto') {
    return { models: await openOn(pack, choice), report: { name: choice, passedOver: [] } };
  }
  const cpu = await openOn(pack, 'cpu');
  const gpu = await tryGpu(pack, cpu);
  if (typeof gpu === 'string') {
    return { models: cpu, report: { name: 'cpu', passedOver: [gpu] } };
  }
  await closeModels(cpu);
  return { models: gpu, report: { name: 'webgpu', passedOver: [] } };
}

async function openOn(pack: EnginePack, device: Device): Promise<Models> {
  const at = (graph: 'target' | 'draft') => ({ device, threads: threadsFor(graph) });
  return {
    target: await GraphModel.open(pack.target, pack.vocabularySize, at('target')),
    draft: await GraphModel.open(pack.draft, pack.vocabularySize, at('draft')),
    // Vocoding is a small part of the time, and on the CPU it leaves the GPU to the target.
    codec: await CodecDecoder.open(pack, 'cpu'),
    device,
  };
}

/** The pack on WebGPU, or one sentence that says why not. */
async function tryGpu(pack: EnginePack, cpu: Models): Promise<Models | string> {
  if (!listSupportedBackends().some(({ name }) => name === 'webgpu')) {
    return 'WebGPU is not in this build of onnxruntime.';
  }
  if (process.platform === 'linux' && !canLoad('libvulkan.so.1')) {
    return 'WebGPU needs the Vulkan loader, which is not installed (Debian: libvulkan1).';
  }
  try {
    const gpu = await openOn(pack, 'webgpu');
    for (const graph of ['target', 'draft'] as const) {
      const kl = await divergence(cpu[graph], gpu[graph], (position, pass) => {
        return (position * 997 + pass * 31) % pack.codebookSize;
      });
      if (!(kl <= MOST_DIVERGENCE)) {
        await closeModels(gpu);
        return `WebGPU does not compute what the CPU does (${kl.toExponential(1)} nats apart).`;
      }
    }
    return gpu;
  } catch (error) {
    return gpuReason(toFailure(error).message);
  }
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

function gpuReason(message: string): string {
  if (/No supported adapters|Failed to get a WebGPU adapter/i.test(message)) {
    return 'WebGPU found no graphics adapter or no Vulkan driver on this machine.';
  }
  return `WebGPU failed: ${message.split('\n')[0]}`;
}

export async function closeModels({ target, draft, codec }: Models): Promise<void> {
  await Promise.all([target.release(), draft.release(), codec.release()]);
}
