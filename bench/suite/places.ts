import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { forkChild } from '../../main/child';
import { tryApart } from '../../main/devices/try-apart';
import type { Device, EnginePack } from '../../main/inference/messages';

/** Where decoding is measured. */
export type Place = {
  name: string;
  device: Device;
  threads: number;
  half?: boolean;
  draftsOnCpu?: boolean;
};

/** Threads that the suite gives to the CPU. */
const THREADS = [2, 1];

/**
 * The CPU with two threads and with one, and WebGPU where it is here and right, in half precision too
 * where that is right, and so with drafts on the CPU. `skipped` says of the others why they are not measured. `folder` is where the built entries lie.
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
  const { objection, tokenMs, half } = await tryApart(
    () => forkChild(join(folder, 'trial.js')),
    pack,
    'webgpu',
  );
  // One that is right and slow is measured all the same.
  const webgpu = { device: 'webgpu', threads: THREADS[0] } as const;
  if (tokenMs === null) skipped.push(`WebGPU: ${objection}`);
  else {
    const best = half ? 'WebGPU, half precision' : 'WebGPU';
    places.push({ name: `${best}, drafts on the CPU`, ...webgpu, half, draftsOnCpu: true });
    if (half) places.push({ name: best, ...webgpu, half });
    places.push({ name: 'WebGPU', ...webgpu });
  }
  return { places, skipped };
}
