import { Llama, type LlamaSource } from '../llama/llama';

/** llama.cpp, or null with a sentence among `skipped` where it is not to be had. */
export async function openLlama(
  source: LlamaSource,
  folder: string,
  entries: string,
  skipped: string[],
): Promise<Llama | null> {
  try {
    return await Llama.open(source, folder, entries);
  } catch (error) {
    const reason = `llama.cpp (${source.name}): ${(error as Error).message.split('\n')[0]}`;
    if (!skipped.includes(reason)) skipped.push(reason);
    return null;
  }
}
