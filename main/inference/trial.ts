import { listSupportedBackends } from 'onnxruntime-node';
import { toFailure } from '../../contract/failure';
import { divergence } from './agreement';
import { Drafting } from './fused-draft/drafting';
import {
  DEVICE_NAMES,
  type Device,
  type EnginePack,
  type GpuUse,
  refusal,
  type Verdict,
} from './messages';
import { closeDecoders, type Decoders, openDecoders } from './models';
import { measureSteps, stepCosts, usualTokenMs } from './step-costs';

/** Beyond this, in nats, a device does not compute what the CPU does. */
const MOST_DIVERGENCE = 1e-2;

type Open = (pack: EnginePack, device: Device) => Promise<Decoders>;

/**
 * Tries a device with a pack: it must be here, agree with the CPU on a short passage of blocks,
 * single steps and a rollback, and decode faster, if need be with drafts made on the CPU. A driver
 * may abort or hang in this, so it is for a process that can be lost.
 */
export async function tryDevice(
  pack: EnginePack,
  device: Device,
  open: Open = openDecoders,
): Promise<Verdict> {
  const absent = open === openDecoders ? whyAbsent(device) : null;
  if (absent !== null) return refusal(absent);
  const cpu = await open(pack, 'cpu');
  try {
    const inHalf = await tryPrecision(pack, device, cpu, open, true);
    // What half precision cannot compute, or not closely enough, single precision may.
    return inHalf.tokenMs === null ? await tryPrecision(pack, device, cpu, open, false) : inHalf;
  } finally {
    await closeDecoders(cpu);
  }
}

/** With matrices in the pack's blocks and in small ones, whichever is faster. */
async function tryPrecision(
  pack: EnginePack,
  device: Device,
  cpu: Decoders,
  open: Open,
  half: boolean,
): Promise<Verdict> {
  const tryWith = (smallBlocks: boolean) =>
    tryUse(pack, device, cpu, open, { half, smallBlocks, draftsOnCpu: false });
  const usual = await tryWith(false);
  const small = await tryWith(true);
  const isFaster = small.tokenMs !== null && small.tokenMs < (usual.tokenMs ?? Infinity);
  return isFaster ? small : usual;
}

async function tryUse(
  pack: EnginePack,
  device: Device,
  cpu: Decoders,
  open: Open,
  use: GpuUse,
): Promise<Verdict> {
  try {
    const tried = await open({ ...pack, gpu: use }, device);
    try {
      return await compare(device, tried, cpu, pack, use);
    } finally {
      await closeDecoders(tried);
    }
  } catch (error) {
    return refusal(reasonOf(device, error));
  }
}

/** One sentence, or null when it may be here. */
function whyAbsent(device: Device): string | null {
  const name = DEVICE_NAMES[device];
  if (!listSupportedBackends().some((backend) => backend.name === device)) {
    return `${name} is not in this build of onnxruntime.`;
  }
  if (device === 'webgpu' && process.platform === 'linux' && !canLoad('libvulkan.so.1')) {
    return `${name} needs the Vulkan loader, which is not installed (Debian: libvulkan1).`;
  }
  return null;
}

async function compare(
  device: Device,
  tried: Decoders,
  cpu: Decoders,
  pack: EnginePack,
  use: GpuUse,
): Promise<Verdict> {
  const name = DEVICE_NAMES[device];
  for (const graph of ['target', 'draft'] as const) {
    const kl = await divergence(
      cpu[graph],
      tried[graph],
      (position, pass) => (position * 997 + pass * 31) % pack.codebookSize,
    );
    if (!(kl <= MOST_DIVERGENCE)) {
      const objection = `${name} does not compute what the CPU does (${kl.toExponential(1)} nats apart).`;
      return refusal(objection);
    }
  }
  const onCpu = await expectedTokenMs(cpu, pack);
  const whole = await expectedTokenMs(tried, pack);
  const mixed = await expectedTokenMs({ target: tried.target, draft: cpu.draft }, pack);
  const tokenMs = Math.min(whole, mixed);
  const objection =
    tokenMs < onCpu
      ? null
      : `${name} works here, but a token of this voice pack takes ${tokenMs.toFixed(1)} ms on it ` +
        `and ${onCpu.toFixed(1)} ms on the CPU.`;
  return { objection, tokenMs, use: { ...use, draftsOnCpu: mixed < whole } };
}

/** Under the pack's defaults, drafted in the way that is faster there. */
async function expectedTokenMs(
  { target, draft }: Decoders,
  { defaults, endOfSpeech }: EnginePack,
): Promise<number> {
  const { lookahead, temperature, topP } = defaults;
  const drafting = new Drafting(draft, endOfSpeech, target);
  try {
    await drafting.prepare(lookahead, { temperature, topP, topK: 0, repetitionPenalty: 1 });
    return usualTokenMs(stepCosts(await measureSteps(target, draft), drafting.choices));
  } finally {
    await drafting.release();
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

function reasonOf(device: Device, error: unknown): string {
  const { message } = toFailure(error);
  const name = DEVICE_NAMES[device];
  if (/No supported adapters|Failed to get a WebGPU adapter/i.test(message)) {
    return `${name} found no graphics adapter or no Vulkan driver on this machine.`;
  }
  if (/Failed to load shared library/i.test(message)) {
    return `${name} is not here: onnxruntime’s libraries for it do not load.`;
  }
  const library = message.match(/(lib[\w.]+\.so[\d.]*): cannot open shared object/)?.[1];
  if (library) return `${name} needs ${library}, which is not installed.`;
  return `${name} failed: ${message.split('\n')[0]}`;
}
