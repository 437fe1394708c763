import type { DecodingCounters } from '../../main/decoding/counters';
import type { EnginePack } from '../../main/inference/messages';
import { type Bandwidth, memoryBandwidth } from './memory-bandwidth';
import type { Place } from './places';
import { readGraph, weightBytes } from './weights';

/** What decoding cannot be faster than, for its weights come from memory at every pass. */
export type Floor = {
  targetBytes: number;
  draftBytes: number;
  /** Of reading as much as the target's weights, by threads. */
  bandwidths: Bandwidth[];
};

/** Of the places whose graphs run on the processor: nobody knows the rate of a GPU's memory. */
export async function measureFloor(
  pack: Pick<EnginePack, 'target' | 'draft'>,
  places: readonly Place[],
): Promise<Floor> {
  const targetBytes = weightBytes(await readGraph(pack.target.file));
  const draftBytes = weightBytes(await readGraph(pack.draft.file));
  const bandwidths: Bandwidth[] = [];
  for (const { gpu, threads } of places) {
    if (!gpu) bandwidths.push(await memoryBandwidth(targetBytes, threads));
  }
  return { targetBytes, draftBytes, bandwidths };
}

/**
 * Milliseconds a token that reading the weights alone would take: the target's once a pass, the
 * draft's once for every token drafted.
 */
export function floorMsPerToken(
  { targetBytes, draftBytes }: Pick<Floor, 'targetBytes' | 'draftBytes'>,
  bytesPerSecond: number,
  { targetCalls, drafted, committed }: DecodingCounters,
): number {
  const bytes = targetCalls * targetBytes + drafted * draftBytes;
  return (1000 * bytes) / bytesPerSecond / committed;
}
