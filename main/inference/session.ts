import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { FailureError } from '../../contract/failure';
import { discard } from './copies';
import { reasonOf, whyAbsent } from './device-reasons';
import { graphFailure } from './graph-failure';
import type { DecoderGraph, Device, GpuUse, GraphFile } from './messages';
import { env, InferenceSession, type SessionOptions } from './onnxruntime';

export type { Device };

/** Errors are thrown, and told in one sentence; the library's own log says them again, in several. */
env.logLevel = 'fatal';
const FATAL = 4;

/** More threads than this only fight over memory. */
const MOST_THREADS = 4;

/**
 * How long a thread waits awake for the next operator. Waking one takes longer than most operators of a pass do.
 * Threads that never sleep, though, would take the cores from other sessions: on two cores that doubles the
 * time of a plain token.
 */
const SPIN_MICROSECONDS = '100';

/** Threads that one graph's operators may share, beside a target on that device. */
export function threadsFor(
  graph: 'target' | 'draft' | 'codec',
  target: Device,
  most = MOST_THREADS,
): number {
  const available = Math.min(most, availableParallelism());
  if (graph !== 'draft') return available;
  // A draft step is so short that two threads hardly do it in less time, and the target's want the cores too.
  return target === 'cpu' ? 1 : Math.min(2, available);
}

/** Threads of a codec beside the process that decodes: of the cores that this leaves, and one at least. */
export function threadsBeside(): number {
  return Math.max(1, Math.min(MOST_THREADS, availableParallelism() - MOST_THREADS));
}

type Placement = {
  device: Device;
  threads: number;
  keepOnDevice?: readonly string[];
  /** How a decoder is to be changed for a GPU. */
  gpu?: GpuUse;
};

/** A decoder's model as a GPU is to have it. Throws an `Error` for a graph that cannot be changed so. */
export async function bytesForGpu(
  graph: DecoderGraph,
  { half, smallBlocks }: Pick<GpuUse, 'half' | 'smallBlocks'>,
): Promise<Uint8Array<ArrayBuffer>> {
  // The library that reads graphs is large, and not needed where they stay as they are.
  let bytes: Uint8Array<ArrayBuffer> = await readFile(graph.file);
  if (smallBlocks) bytes = (await import('./small-blocks')).inSmallBlocks(bytes);
  if (half) bytes = (await import('./half-precision')).inHalfPrecision(bytes, graph);
  return bytes;
}

/**
 * Opens a graph on the CPU, its mapped copy where there is one. Throws as `openSession` does.
 */
export async function openGraph(
  { file, mapped }: GraphFile,
  threads: number,
): Promise<InferenceSession> {
  const placement = { device: 'cpu', threads } as const;
  return (await openMapped(mapped, placement)) ?? openSession(file, placement);
}

/** Opens a mapped copy, if there is one. One that does not open is removed. */
async function openMapped(
  mapped: string | undefined,
  placement: Placement,
): Promise<InferenceSession | undefined> {
  if (mapped === undefined) return undefined;
  try {
    // It was optimised when it was made.
    return await createSession(mapped, {
      ...optionsFor(placement),
      graphOptimizationLevel: 'disabled',
    });
  } catch {
    await rm(mapped, { force: true });
    return undefined;
  }
}

/**
 * Opens a decoder, on the CPU as a graph that gives the rows it made (`cache-rows.ts`), where it can be
 * changed so. Throws as `openSession` does.
 */
export async function openDecoder(
  graph: DecoderGraph,
  placement: Placement,
): Promise<InferenceSession> {
  const { file, mapped } = graph;
  if (placement.device !== 'cpu') {
    const { gpu } = placement;
    const isChanged = gpu?.half || gpu?.smallBlocks;
    return openSession(file, placement, isChanged ? await bytesForGpu(graph, gpu) : undefined);
  }
  return (
    (await openMapped(mapped, placement)) ??
    openSession(file, placement, await bytesWithCacheRows(graph))
  );
}

/** Undefined where a graph has to stay as it is, or is not there. */
export async function bytesWithCacheRows(
  graph: DecoderGraph,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    // The library that reads graphs is large, and not needed where there are mapped copies.
    const { withCacheRows } = await import('./cache-rows');
    const source = await readFile(graph.file);
    const changed = withCacheRows(source, graph);
    discard([source.buffer]);
    return changed;
  } catch {
    return undefined;
  }
}

/**
 * Opens a graph, or one that was `made` from it, which is let go: the session has its own copy. Blocks
 * this thread while it loads. `keepOnDevice` names outputs that a GPU should not copy back. Throws a `pack` failure that names the file, and on a GPU a
 * `runtime` failure that names the provider too.
 */
export async function openSession(
  file: string,
  placement: Placement,
  made?: Uint8Array<ArrayBuffer>,
): Promise<InferenceSession> {
  const { device } = placement;
  const failure = (reason: string, cause?: unknown) =>
    new FailureError('runtime', `${file} could not be opened on ${device}: ${reason}`, { cause });
  const absent = device === 'cpu' ? null : whyAbsent(device);
  if (absent !== null) throw failure(absent);
  try {
    return await createSession(made ?? file, optionsFor(placement));
  } catch (error) {
    throw device === 'cpu' ? graphFailure(file, error) : failure(reasonOf(device, error), error);
  } finally {
    if (made) discard([made.buffer]);
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
    extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: SPIN_MICROSECONDS } } },
  } satisfies SessionOptions;
}

/** The library's two forms of `create` in one, with its log silent. */
export function createSession(
  model: string | Uint8Array,
  options: SessionOptions,
): Promise<InferenceSession> {
  const silent = { ...options, logSeverityLevel: FATAL } as const;
  return typeof model === 'string'
    ? InferenceSession.create(model, silent)
    : InferenceSession.create(model, silent);
}
