import { listSupportedBackends } from 'onnxruntime-node';
import type { DeviceReport } from '../../contract/engine';
import { toFailure } from '../../contract/failure';
import { divergence } from './agreement';
import { type Codec, CodecDecoder } from './codec';
import { GraphModel } from './graph-model';
import type { CodecPack, DeviceChoice, EnginePack } from './messages';
import { type CodecLink, RemoteCodec } from './remote-codec';
import { type Device, threadsFor } from './session';

/** The graphs that decode, on one device. */
type Decoders = { target: GraphModel; draft: GraphModel };

/** A pack's three graphs. */
export type Models = Decoders & { codec: Codec };

/** Beyond this a GPU does not compute what the CPU does. */
const MOST_DIVERGENCE = 1e-2;

/**
 * Opens a pack's graphs on the device asked for; `auto` takes a GPU that is there, agrees with the
 * CPU and is faster with this pack, and otherwise says why not. Throws a `runtime` failure for a
 * named device that fails. `codecLink` has the codec in a process of its own.
 */
export async function openModels(
  pack: EnginePack,
  choice: DeviceChoice,
  codecLink?: CodecLink,
): Promise<{ models: Models; report: DeviceReport }> {
  const codec = codecLink
    ? new RemoteCodec(codecPack(pack), codecLink)
    : await CodecDecoder.open(pack, threadsFor('codec'));
  const { decoders, report } =
    choice === 'auto'
      ? await openBest(pack)
      : { decoders: await openOn(pack, choice), report: { name: choice, passedOver: [] } };
  return { models: { ...decoders, codec }, report };
}

function codecPack({ codecDecoder, sampleRate, frameRate }: EnginePack): CodecPack {
  return { codecDecoder, sampleRate, frameRate };
}

async function openBest(pack: EnginePack): Promise<{ decoders: Decoders; report: DeviceReport }> {
  const cpu = await openOn(pack, 'cpu');
  const gpu = await tryGpu(pack, cpu);
  if (typeof gpu === 'string') {
    return { decoders: cpu, report: { name: 'cpu', passedOver: [gpu] } };
  }
  await closeDecoders(cpu);
  return { decoders: gpu, report: { name: 'webgpu', passedOver: [] } };
}

async function openOn(pack: EnginePack, device: Device): Promise<Decoders> {
  const open = (graph: keyof Decoders) =>
    GraphModel.open(pack[graph], pack.vocabularySize, { device, threads: threadsFor(graph) });
  return { target: await open('target'), draft: await open('draft') };
}

/** The pack on WebGPU, or one sentence that says why not. */
async function tryGpu(pack: EnginePack, cpu: Decoders): Promise<Decoders | string> {
  if (!listSupportedBackends().some(({ name }) => name === 'webgpu')) {
    return 'WebGPU is not in this build of onnxruntime.';
  }
  if (process.platform === 'linux' && !canLoad('libvulkan.so.1')) {
    return 'WebGPU needs the Vulkan loader, which is not installed (Debian: libvulkan1).';
  }
  try {
    const gpu = await openOn(pack, 'webgpu');
    const objection = await objectionTo(gpu, cpu, pack.codebookSize).catch(gpuReason);
    if (objection === null) return gpu;
    await closeDecoders(gpu);
    return objection;
  } catch (error) {
    return gpuReason(error);
  }
}

/** Why the GPU is not to be used though it works, in one sentence, or null. */
async function objectionTo(
  gpu: Decoders,
  cpu: Decoders,
  codebookSize: number,
): Promise<string | null> {
  for (const graph of ['target', 'draft'] as const) {
    const kl = await divergence(
      cpu[graph],
      gpu[graph],
      (position, pass) => (position * 997 + pass * 31) % codebookSize,
    );
    if (!(kl <= MOST_DIVERGENCE)) {
      return `WebGPU does not compute what the CPU does (${kl.toExponential(1)} nats apart).`;
    }
  }
  const [onCpu, onGpu] = [await roundMs(cpu), await roundMs(gpu)];
  if (onGpu < onCpu) return null;
  return (
    `WebGPU works here, but a round of this voice pack takes ${onGpu.toFixed(1)} ms on it and ` +
    `${onCpu.toFixed(1)} ms on the CPU.`
  );
}

/** Median time of a round of usual length: three draft steps and a pass over four positions. */
async function roundMs({ target, draft }: Decoders): Promise<number> {
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

function gpuReason(error: unknown): string {
  const { message } = toFailure(error);
  if (/No supported adapters|Failed to get a WebGPU adapter/i.test(message)) {
    return 'WebGPU found no graphics adapter or no Vulkan driver on this machine.';
  }
  return `WebGPU failed: ${message.split('\n')[0]}`;
}

async function closeDecoders({ target, draft }: Decoders): Promise<void> {
  await Promise.all([target.release(), draft.release()]);
}

export async function closeModels({ codec, ...decoders }: Models): Promise<void> {
  await Promise.all([closeDecoders(decoders), codec.release()]);
}
