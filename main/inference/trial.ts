import { listSupportedBackends } from 'onnxruntime-node';
import { toFailure } from '../../contract/failure';
import { divergence } from './agreement';
import { DEVICE_NAMES, type Device, type EnginePack, type Verdict } from './messages';
import { closeDecoders, type Decoders, openDecoders } from './models';

/** Beyond this, in nats, a device does not compute what the CPU does. */
const MOST_DIVERGENCE = 1e-2;

type Open = (pack: EnginePack, device: Device) => Promise<Decoders>;

/**
 * Tries a device with a pack: it must be here, agree with the CPU on a short passage of blocks,
 * single steps and a rollback, and do a round faster. A driver may abort or hang in this, so it is
 * for a process that can be lost.
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
    const inHalf = await tryPrecision({ ...pack, half: true }, device, cpu, open);
    // What half precision cannot compute, or not closely enough, single precision may.
    return inHalf.roundMs === null ? await tryPrecision(pack, device, cpu, open) : inHalf;
  } finally {
    await closeDecoders(cpu);
  }
}

async function tryPrecision(
  pack: EnginePack,
  device: Device,
  cpu: Decoders,
  open: Open,
): Promise<Verdict> {
  try {
    const tried = await open(pack, device);
    try {
      const verdict = await compare(device, tried, cpu, pack.codebookSize);
      return { ...verdict, half: pack.half === true };
    } finally {
      await closeDecoders(tried);
    }
  } catch (error) {
    return refusal(reasonOf(device, error));
  }
}

const refusal = (objection: string): Verdict => ({ objection, roundMs: null, half: false });

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
  codebookSize: number,
): Promise<Omit<Verdict, 'half'>> {
  const name = DEVICE_NAMES[device];
  for (const graph of ['target', 'draft'] as const) {
    const kl = await divergence(
      cpu[graph],
      tried[graph],
      (position, pass) => (position * 997 + pass * 31) % codebookSize,
    );
    if (!(kl <= MOST_DIVERGENCE)) {
      const objection = `${name} does not compute what the CPU does (${kl.toExponential(1)} nats apart).`;
      return { objection, roundMs: null };
    }
  }
  const onCpu = await medianRoundMs(cpu);
  const roundMs = await medianRoundMs(tried);
  const objection =
    roundMs < onCpu
      ? null
      : `${name} works here, but a round of this voice pack takes ${roundMs.toFixed(1)} ms on it ` +
        `and ${onCpu.toFixed(1)} ms on the CPU.`;
  return { objection, roundMs };
}

/** Of a round of usual length: three draft steps and a pass over four positions. */
async function medianRoundMs({ target, draft }: Decoders): Promise<number> {
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
