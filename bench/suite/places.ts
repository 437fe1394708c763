import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { forkChild } from '../../main/child';
import { tryApart } from '../../main/devices/try-apart';
import {
  type Device,
  type EnginePack,
  type GpuUse,
  PLAIN_USE,
} from '../../main/inference/messages';

/** Where decoding is measured. */
export type Place = {
  name: string;
  device: Device;
  threads: number;
  gpu?: GpuUse;
};

/** Threads that the suite gives to the CPU. */
const THREADS = [2, 1];

/**
 * The CPU with two threads and with one, and WebGPU where it is here and right: as its trial found it the fastest,
 * with drafts made at the other place, and with the graphs as they are. `skipped` says of those that are missing why
 * they are not measured. `folder` is where the built entries lie.
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
  // A driver may abort or hang, so it shows elsewhere first what it can.
  const { objection, tokenMs, use } = await tryApart(
    () => forkChild(join(folder, 'trial.js')),
    pack,
    'webgpu',
    true,
  );
  // One that is right and slow is measured all the same.
  if (tokenMs === null || use === null) skipped.push(`WebGPU: ${objection}`);
  else {
    const uses = [use, { ...use, draftsOnCpu: !use.draftsOnCpu }, PLAIN_USE];
    const named = new Map(uses.map((one) => [nameOf(one), one]));
    for (const [name, gpu] of named) {
      places.push({ name, device: 'webgpu', threads: THREADS[0], gpu });
    }
  }
  return { places, skipped };
}

function nameOf({ half, smallBlocks, draftsOnCpu }: GpuUse): string {
  return [
    `WebGPU, ${half ? 'half' : 'single'} precision`,
    ...(smallBlocks ? ['blocks of 16'] : []),
    `drafts on the ${draftsOnCpu ? 'CPU' : 'GPU'}`,
  ].join(', ');
}
