import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { FailureError } from '../../contract/failure';
import { reasonOf, whyAbsent } from './device-reasons';
import { providerFor } from './gpu-use';
import { graphFailure } from './graph-failure';
import type { CodecPlace, DecoderGraph, Device, GpuUse, GraphFile } from './messages';
import { PROVIDERS } from './providers';
import { Session, type SessionOptions } from './runtime/session';

export type { Device };

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
  return PROVIDERS[target].isProcessor ? 1 : Math.min(2, available);
}

/**
 * Whether a codec is to have a process of its own: on the CPU decoding has the cores already, beside a GPU it would
 * wait for the codec.
 */
export function isCodecApart(place: CodecPlace, target: Device): boolean {
  if (place !== 'auto') return place === 'apart';
  return !PROVIDERS[target].isProcessor && availableParallelism() > MOST_THREADS;
}

/** Threads of a codec beside the process that decodes: of the cores that this leaves, and one at least. */
export function threadsBeside(): number {
  return Math.max(1, Math.min(MOST_THREADS, availableParallelism() - MOST_THREADS));
}

type Placement = {
  device: Device;
  threads: number;
  /** How a decoder is to be changed for a GPU. */
  gpu?: GpuUse;
  /** Where to write what every operator took, as the beginning of a file's name; for measurements. */
  profileTo?: string;
};

/**
 * A decoder's model as a device is to have it, or undefined where its file does. Throws an `Error` for a graph that
 * cannot be changed so.
 */
export async function bytesFor(
  graph: DecoderGraph,
  { device, gpu }: Pick<Placement, 'device' | 'gpu'>,
): Promise<Uint8Array | undefined> {
  const { isProcessor, readsBlockEmbedding: isPlain } = PROVIDERS[device];
  if (isProcessor) return undefined;
  if (!gpu?.half && !gpu?.smallBlocks && isPlain && !graph.names.hidden) return undefined;
  // The library that reads graphs is large, and not needed where they stay as they are.
  let bytes: Uint8Array = await readFile(graph.file);
  if (!isPlain) bytes = (await import('./plain-embedding')).withPlainEmbedding(bytes);
  if (gpu?.smallBlocks) bytes = (await import('./small-blocks')).inSmallBlocks(bytes);
  if (gpu?.half) bytes = (await import('./half-precision')).inHalfPrecision(bytes, graph);
  if (graph.names.hidden) bytes = (await import('./joined-output')).withJoinedOutput(bytes, graph);
  return bytes;
}

/**
 * Opens a graph on the CPU, its mapped copy where there is one. Throws as `openSession` does.
 */
export async function openGraph(
  { file, mapped }: GraphFile,
  threads: number,
  profileTo?: string,
): Promise<Session> {
  const placement = { device: 'cpu', threads, profileTo } as const;
  return (await openMapped(mapped, placement)) ?? openSession(file, placement);
}

/** Opens a mapped copy, if there is one. One that does not open is removed. */
async function openMapped(
  mapped: string | undefined,
  placement: Placement,
): Promise<Session | undefined> {
  if (mapped === undefined) return undefined;
  try {
    // It was optimised when it was made.
    return Session.open(mapped, { ...optionsFor(placement), optimise: false });
  } catch {
    await rm(mapped, { force: true });
    return undefined;
  }
}

/** Opens a decoder, on a GPU changed as `placement` says. Throws as `openSession` does. */
export async function openDecoder(graph: DecoderGraph, placement: Placement): Promise<Session> {
  const { device, threads, profileTo } = placement;
  if (PROVIDERS[device].isProcessor) return openGraph(graph, threads, profileTo);
  return openSession(graph.file, placement, await bytesFor(graph, placement));
}

/**
 * Opens a graph, or one that was `made` from it. Blocks this thread while it loads. Throws a `pack` failure that names
 * the file, and on a GPU a `runtime` failure that names the provider too.
 */
export function openSession(file: string, placement: Placement, made?: Uint8Array): Session {
  const { device } = placement;
  const failure = (reason: string, cause?: unknown) =>
    new FailureError('runtime', `${file} could not be opened on ${device}: ${reason}`, { cause });
  const absent = whyAbsent(device);
  if (absent !== null) throw failure(absent);
  try {
    return Session.open(made ?? file, optionsFor(placement));
  } catch (error) {
    if (PROVIDERS[device].isProcessor) throw graphFailure(file, error);
    throw failure(reasonOf(device, error), error);
  }
}

function optionsFor({ device, threads, gpu, profileTo }: Placement): SessionOptions {
  return {
    threads,
    profileTo,
    provider: providerFor(device, gpu?.captured ?? false),
    config: {
      'session.intra_op.allow_spinning': '1',
      'session.intra_op.spin_duration_us': SPIN_MICROSECONDS,
    },
  };
}
