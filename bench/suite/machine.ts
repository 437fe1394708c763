import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** This machine in a few words: processor, memory, and graphics cards if there are any. */
export function describeMachine(cards: readonly string[]): string {
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const cores = processors.length === 1 ? 'core' : 'cores';
  const words = [`${processors[0].model.trim()}, ${processors.length} logical ${cores}`, memory];
  return [...words, ...cards].join(', ');
}

/** Names of NVIDIA's graphics cards here. */
export async function graphicsCards(): Promise<string[]> {
  try {
    const query = ['--query-gpu=name', '--format=csv,noheader'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query);
    return [...new Set(stdout.trim().split('\n').filter(Boolean))];
  } catch {
    // Not here, or no card: then there is nothing to say.
    return [];
  }
}
