import { basename, join } from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';
import { packagedFile, packagedVersion } from '../packaged-library';
import { cudaFolder } from './cuda-libraries';

/** ONNX Runtime, as loaded: its table of functions of the C API, and what its file is. */
export type Library = {
  version: string;
  /** Where its file lies; providers of their own lie beside it. */
  file: string;
  /** Held, for a library that nothing refers to is unloaded. */
  handle: LibraryHandle;
  /** Addresses of the functions, in the order of the C API's table. */
  table: readonly bigint[];
};

const GET_VERSION = koffi.proto('str OrtGetVersion()');
const GET_API = koffi.proto('void *OrtGetApi(uint32_t)');

/** The C API's table grows at its end alone, so that an older number gives the functions it had then. */
const API_VERSION = 23;
/** Functions of the table that are read: all that `api.ts` names come before it. */
const TABLE_LENGTH = 400;

/**
 * Loads ONNX Runtime: the program's own copy beside the libraries for CUDA, for it looks for providers beside itself,
 * or else the one that the program carries. Throws an `Error` with a sentence where neither loads.
 */
export function loadLibrary(): Library {
  const folder = cudaFolder();
  if (folder !== null) {
    try {
      return loadLibraryFrom(join(folder, basename(packagedFile())));
    } catch {
      // The one that the program carries does the same without CUDA, and `whyAbsent` says so.
    }
  }
  return loadLibraryFrom(packagedFile());
}

/** Loads ONNX Runtime from `file`. Throws an `Error` with a sentence for one that does not load or is of another version. */
export function loadLibraryFrom(file: string): Library {
  // Its builds for Linux and macOS queue telemetry for their maker and look up its server, unless this variable stands
  // in the environment before they are loaded. Node writes it where C code finds it; a worker thread has a copy, so no
  // worker may open graphs. The build for Windows has events, which `environment.ts` turns off.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  let handle: LibraryHandle;
  let base: bigint;
  try {
    handle = koffi.load(file);
    base = handle.func('void *OrtGetApiBase()')() as bigint;
  } catch (error) {
    throw new Error(`ONNX Runtime could not be loaded from ${file}.`, { cause: error });
  }
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void *', 2)) as bigint[];
  const version = koffi.call(getVersion, GET_VERSION) as string;
  if (version !== packagedVersion()) {
    throw new Error(
      `${file} is ONNX Runtime ${version}, and this program needs ${packagedVersion()}.`,
    );
  }
  const api = koffi.call(getApi, GET_API, API_VERSION) as bigint;
  return {
    version,
    file,
    handle,
    table: koffi.decode(api, koffi.array('void *', TABLE_LENGTH)) as bigint[],
  };
}
