import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import { FailureError } from '../../contract/failure';
import type { Device, GraphFile } from './messages';

export type { Device };

/** More threads than this only fight over memory. */
const MOST_THREADS = 4;

/** Threads that one graph's operators may share. */
export function threadsFor(graph: 'target' | 'draft' | 'codec', most = MOST_THREADS): number {
  // A draft step is so short that handing it out costs more than it saves.
  return graph === 'draft' ? 1 : Math.min(most, availableParallelism());
}

type Placement = { device: Device; threads: number; keepOnDevice?: readonly string[] };

/**
 * Opens a graph, on the CPU its mapped copy where there is one. A copy that does not open is removed,
 * and the graph itself opened. Throws as `openSession` does.
 */
export async function openGraph(
  { file, mapped }: GraphFile,
  placement: Placement,
): Promise<InferenceSession> {
  if (mapped === undefined || placement.device !== 'cpu') return openSession(file, placement);
  try {
    // It was optimised when it was made.
    return await create(mapped, { ...optionsFor(placement), graphOptimizationLevel: 'disabled' });
  } catch {
    await rm(mapped, { force: true });
    return openSession(file, placement);
  }
}

/**
 * Opens a graph, or one that was `made` from it. Blocks this thread while it loads. `keepOnDevice`
 * names outputs that a GPU should not copy back. Throws a `runtime` failure that names the file and
 * the provider.
 */
export async function openSession(
  file: string,
  placement: Placement,
  made?: Uint8Array,
): Promise<InferenceSession> {
  try {
    return await create(made ?? file, optionsFor(placement));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FailureError(
      'runtime',
      `${file} could not be opened on ${placement.device}: ${reason}`,
      { cause: error },
    );
  }
}

function optionsFor({ device, threads, keepOnDevice = [] }: Placement) {
  return {
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    executionProviders: device === 'cpu' ? ['cpu'] : [device],
    ...(device !== 'webgpu' || keepOnDevice.length === 0
      ? {}
      : {
          preferredOutputLocation: Object.fromEntries(
            keepOnDevice.map((name) => [name, 'gpu-buffer' as const]),
          ),
        }),
    // Idle threads of one session that spin take the cores from the others: on two cores it
    // doubles the time of a plain token.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  } satisfies InferenceSession.SessionOptions;
}

/** The library's two forms of `create` in one. */
function create(
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  return typeof model === 'string'
    ? InferenceSession.create(model, options)
    : InferenceSession.create(model, options);
}
