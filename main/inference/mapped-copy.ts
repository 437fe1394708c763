import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GraphFile, PackGraphs } from './messages';
import type { SessionOptions } from './onnxruntime';
import { bytesWithCacheRows, createSession } from './session';

/** Smaller tensors stay in the graph itself, in bytes. */
const LEAST_MAPPED = 1024;

/**
 * Writes a copy of a graph into `folder` under its own name: optimised for this processor, its
 * weights beside it, so that they are mapped when it is opened. `made` is another graph made from it, to
 * be copied in its place. Throws onnxruntime's `Error`.
 *
 * Weights are not kept packed: onnxruntime 1.30 opens packed matrices of 4 and 8 bits without
 * objection, and then computes with them slowly and not quite the same.
 */
async function makeMappedCopy(
  { file }: GraphFile,
  folder: string,
  made?: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const copy = join(folder, basename(file));
  const options = {
    graphOptimizationLevel: 'all',
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    optimizedModelFilePath: copy,
    extra: {
      session: {
        optimized_model_external_initializers_file_name: `${basename(file)}.weights`,
        optimized_model_external_initializers_min_size_in_bytes: String(LEAST_MAPPED),
      },
    },
  } as const satisfies SessionOptions;
  const session = await createSession(made ?? file, options);
  await session.release();
}

/**
 * Makes copies of a pack's graphs in a folder, those of decoders such as `openDecoder` opens, and waits
 * until the disk has them.
 */
export async function makeMappedCopies(graphs: PackGraphs, folder: string): Promise<void> {
  for (const graph of [graphs.target, graphs.draft]) {
    await makeMappedCopy(graph, folder, await bytesWithCacheRows(graph));
  }
  await makeMappedCopy(graphs.codecDecoder, folder);
  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), 'r+');
    await file.sync();
    await file.close();
  }
}
