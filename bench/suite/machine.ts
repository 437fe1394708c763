import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** This machine in a few words: processor, memory, and a graphics card of NVIDIA's if there is one. */
export async function describeMachine(): Promise<string> {
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const cores = processors.length === 1 ? 'core' : 'cores';
  const words = [`${processors[0].model.trim()}, ${processors.length} logical ${cores}`, memory];
  const cards = await graphicsCards();
  return [...words, ...cards].join(', ');
}

async function graphicsCards(): Promise<string[]> {
  try {
    const query = ['--query-gpu=name', '--format=csv,noheader'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query);
    return [...new Set(stdout.trim().split('\n').filter(Boolean))];
  } catch {
    // Not here, or no card: then there is nothing to say.
    return [];
  }
}
