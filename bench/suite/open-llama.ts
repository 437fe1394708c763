import { Llama, type LlamaSource } from '../llama/llama';
import type { Place } from './places';

/** llama.cpp on the processor and on the GPU, null where it is not to be had. */
export type Llamas = { cpu: Llama | null; gpu: Llama | null };

export const NO_LLAMAS: Llamas = { cpu: null, gpu: null };

/**
 * llama.cpp for the processor, and for the GPU where one of the places is. Where it is not to be had, there is a
 * sentence among `skipped`.
 */
export async function openLlamas(
  source: LlamaSource,
  places: readonly Place[],
  folder: string,
  entries: string,
  skipped: string[],
): Promise<Llamas> {
  const open = async (onGpu: boolean) => {
    try {
      return await Llama.open(source, onGpu, folder, entries);
    } catch (error) {
      const name = `llama.cpp on the ${onGpu ? 'GPU' : 'CPU'} (${source.name})`;
      const reason = `${name}: ${(error as Error).message.split('\n')[0]}`;
      if (!skipped.includes(reason)) skipped.push(reason);
      return null;
    }
  };
  return { cpu: await open(false), gpu: places.some(({ gpu }) => gpu) ? await open(true) : null };
}

export function closeLlamas({ cpu, gpu }: Llamas): void {
  cpu?.close();
  gpu?.close();
}
