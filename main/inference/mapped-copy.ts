import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GraphFile, PackGraphs } from './messages';
import { Session } from './runtime/session';

/** Smaller tensors stay in the graph itself, in bytes. */
const LEAST_MAPPED = 1024;

/**
 * Writes a copy of a graph into `folder` under its own name: optimised for this processor, its
 * weights beside it, so that they are mapped when it is opened. Throws onnxruntime's `Error`.
 *
 * Weights are not kept packed: onnxruntime 1.30 opens packed matrices of 4 and 8 bits without
 * objection, and then computes with them slowly and not quite the same.
 */
function makeMappedCopy({ file }: GraphFile, folder: string): void {
  const beside = 'session.optimized_model_external_initializers';
  Session.open(file, {
    threads: 1,
    copyTo: join(folder, basename(file)),
    config: {
      [`${beside}_file_name`]: `${basename(file)}.weights`,
      [`${beside}_min_size_in_bytes`]: String(LEAST_MAPPED),
    },
  }).release();
}

/** Makes copies of a pack's graphs in a folder, and waits until the disk has them. */
export async function makeMappedCopies(graphs: PackGraphs, folder: string): Promise<void> {
  for (const graph of [graphs.target, graphs.draft, graphs.codecDecoder]) {
    makeMappedCopy(graph, folder);
  }
  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), 'r+');
    await file.sync();
    await file.close();
  }
}
