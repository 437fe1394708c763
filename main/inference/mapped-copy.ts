import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';

/** Smaller tensors stay in the graph itself, in bytes. */
const LEAST_MAPPED = 1024;

/** Silences the warning that a copy is for this processor alone, which is what it is meant to be. */
const ERRORS_ONLY = 3;

/**
 * Writes a copy of a graph into `folder` under its own name: optimised for this processor, its
 * weights beside it, so that they are mapped when it is opened. Returns its path. Throws onnxruntime's
 * `Error`.
 *
 * Weights are not kept packed: onnxruntime 1.30 opens packed matrices of 4 and 8 bits without
 * objection, and then computes with them slowly and not quite the same.
 */
export async function makeMappedCopy(graph: string, folder: string): Promise<string> {
  const copy = join(folder, basename(graph));
  const session = await InferenceSession.create(graph, {
    graphOptimizationLevel: 'all',
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    optimizedModelFilePath: copy,
    logSeverityLevel: ERRORS_ONLY,
    extra: {
      session: {
        optimized_model_external_initializers_file_name: `${basename(graph)}.weights`,
        optimized_model_external_initializers_min_size_in_bytes: String(LEAST_MAPPED),
      },
    },
  });
  await session.release();
  return copy;
}

/** Makes copies of `graphs` in a folder, and waits until the disk has them. */
export async function makeMappedCopies(graphs: readonly string[], folder: string): Promise<void> {
  for (const graph of graphs) await makeMappedCopy(graph, folder);
  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), 'r+');
    await file.sync();
    await file.close();
  }
}
