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
 * Opens a pack's graphs on the device asked for; `auto` takes a GPU that is there, agrees with the
 * CPU and is faster with this pack, and otherwise says why not. Throws a `runtime` failure for a named device that fails.
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
    const [onCpu, onGpu] = [await roundMs(cpu), await roundMs(gpu)];
    if (onGpu >= onCpu) {
      await closeModels(gpu);
      return (
        `WebGPU works here, but a round of this voice pack takes ${onGpu.toFixed(1)} ms on it and ` +
        `${onCpu.toFixed(1)} ms on the CPU.`
      );
    }
    return gpu;
  } catch (error) {
    return gpuReason(toFailure(error).message);
  }
}

/** Median time of a round of usual length: three draft steps and a pass over four positions. */
async function roundMs({ target, draft }: Models): Promise<number> {
  const times: number[] = [];
  // The first ones compile what later ones reuse.
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    for (let step = 0; step < 3; step++) await draft.forward([step]);
    await target.forward([0, 1, 2, 3]);
    if (i >= 4) times.push(performance.now() - start);
  }
  target.rollback(0);
  draft.rollback(0);
  return times.sort((a, b) => a - b)[times.length >> 1];
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
