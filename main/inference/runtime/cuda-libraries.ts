import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';
import { CUDA_FOLDER } from '../messages';

/** ONNX Runtime's own name for what it loads for CUDA. */
export const CUDA_PROVIDER =
  process.platform === 'win32'
    ? 'onnxruntime_providers_cuda.dll'
    : 'libonnxruntime_providers_cuda.so';

/** What ONNX Runtime's provider for CUDA links, each after what it links itself. */
const LINKED =
  process.platform === 'win32'
    ? ['cudart64_13.dll', 'cublasLt64_13.dll', 'cublas64_13.dll']
    : ['libcudart.so.13', 'libcublasLt.so.13', 'libcublas.so.13', 'libcurand.so.10'];

/** Held, for a library that nothing refers to is unloaded. */
let held: LibraryHandle[] | null = null;

/** The folder with ONNX Runtime, its provider for CUDA and what that links; null where there is none. */
export function cudaFolder(): string | null {
  return process.env[CUDA_FOLDER] || null;
}

/**
 * Loads what the provider for CUDA links, by full paths: the system's loader would not look for it in the folder, but
 * takes what is loaded already under the same name. What is not in the folder is left to the system. Throws an `Error` with a sentence for
 * one that does not load.
 */
export function loadCudaLibraries(): void {
  const folder = cudaFolder();
  if (held || folder === null) return;
  const loaded: LibraryHandle[] = [];
  for (const file of LINKED.map((name) => join(folder, name))) {
    if (!existsSync(file)) continue;
    try {
      loaded.push(koffi.load(file));
    } catch (error) {
      const message = `${basename(file)} in ${folder} does not load: run \`npm run gpu -- --remove\`, then \`npm run gpu\`.`;
      throw new Error(message, { cause: error });
    }
  }
  held = loaded;
}
