import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { forkChild } from '../../main/child';
import { type StartTrial, tryApart } from '../../main/devices/try-apart';
import { usable } from '../../main/inference/gpu-use';
import {
  type Device,
  type EnginePack,
  type GpuUse,
  PLAIN_USE,
} from '../../main/inference/messages';
import { gpusOn, PROVIDERS } from '../../main/inference/providers';

/** Where decoding is measured. */
export type Place = {
  name: string;
  device: Device;
  threads: number;
  /** How a GPU is used; none at a place whose graphs run on the processor. */
  gpu?: GpuUse;
};

/** Threads that the suite gives to the CPU. */
const THREADS = [2, 1];

/**
 * The CPU with two threads and with one, and every GPU that a provider of this platform finds and computes rightly on.
 * `skipped` says of those that are missing why they are not measured. `folder` is where the built entries lie.
 */
export async function placesFor(
  pack: EnginePack,
  folder: string,
): Promise<{ places: Place[]; skipped: string[] }> {
  const places: Place[] = [];
  const skipped: string[] = [];
  for (const threads of THREADS) {
    const name = `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    if (threads <= availableParallelism()) places.push({ name, device: 'cpu', threads });
    else skipped.push(`${name}: this machine has ${availableParallelism()}.`);
  }
  for (const device of gpusOn(process.platform)) {
    // A driver may abort or hang, so it shows elsewhere first what it can.
    const start: StartTrial = () => forkChild(join(folder, 'trial.js'));
    const { objection, tokenMs, use } = await tryApart(start, pack, device, true);
    // One that is right and slow is measured all the same.
    if (tokenMs === null || use === null) skipped.push(`${PROVIDERS[device].label}: ${objection}`);
    else places.push(...gpuPlaces(device, use));
  }
  return { places, skipped };
}

/**
 * A GPU as its trial found it the fastest, with drafts made at the other place, and with the graphs as they are if it
 * takes those.
 */
export function gpuPlaces(device: Device, fastest: GpuUse): Place[] {
  const uses = [fastest, { ...fastest, draftsOnCpu: !fastest.draftsOnCpu }];
  if (usable(device, PLAIN_USE) === PLAIN_USE) uses.push(PLAIN_USE);
  const named = new Map(uses.map((gpu) => [nameOf(device, gpu), gpu]));
  return [...named].map(([name, gpu]) => ({ name, device, threads: THREADS[0], gpu }));
}

function nameOf(device: Device, { half, smallBlocks, captured, draftsOnCpu }: GpuUse): string {
  return [
    PROVIDERS[device].label,
    `${half ? 'half' : 'single'} precision`,
    ...(smallBlocks ? ['blocks of 16'] : []),
    ...(captured ? ['captured'] : []),
    `drafts on the ${draftsOnCpu ? 'CPU' : 'GPU'}`,
  ].join(', ');
}
