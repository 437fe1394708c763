import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

const fromHere = createRequire(import.meta.url);

/** ONNX Runtime, as loaded: its table of functions of the C API, and what its file is. */
export type Library = {
  version: string;
  /** Where its file lies; providers of their own lie beside it. */
  file: string;
  /** Addresses of the functions, in the order of the C API's table. */
  table: readonly bigint[];
};

const GET_VERSION = koffi.proto('str OrtGetVersion()');
const GET_API = koffi.proto('void *OrtGetApi(uint32_t)');

/** The C API's table grows at its end alone, so that an older number gives the functions it had then. */
const API_VERSION = 23;
/** Functions of the table that are read: all that `api.ts` names come before it. */
const TABLE_LENGTH = 400;

/** The version that this program is built for. */
export function packageVersion(): string {
  return (fromHere('onnxruntime-node/package.json') as { version: string }).version;
}

/** The library that onnxruntime-node carries for this platform. */
function packagedFile(): string {
  const home = dirname(fromHere.resolve('onnxruntime-node/package.json'));
  const name = {
    linux: 'libonnxruntime.so.1',
    darwin: 'libonnxruntime.1.dylib',
    win32: 'onnxruntime.dll',
  }[process.platform as string];
  if (!name) throw new Error(`ONNX Runtime is not to be had on ${process.platform}.`);
  const file = join(home, 'bin/napi-v6', process.platform, process.arch, name);
  // The system's loader cannot look into the packaged archive.
  return file.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
}

/**
 * Loads ONNX Runtime from `file`, or the one that the program carries. Throws an `Error` with a sentence for one that
 * does not load or is of another version.
 */
export function loadLibrary(file = packagedFile()): Library {
  // Its builds for Linux and macOS queue telemetry for their maker and look up its server, unless this variable stands
  // in the environment before they are loaded. Node writes it where C code finds it; a worker thread has a copy, so no
  // worker may open graphs. The build for Windows has events, which `environment.ts` turns off.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  let base: bigint;
  try {
    base = koffi.load(file).func('void *OrtGetApiBase()')() as bigint;
  } catch (error) {
    throw new Error(`ONNX Runtime could not be loaded from ${file}.`, { cause: error });
  }
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void *', 2)) as bigint[];
  const version = koffi.call(getVersion, GET_VERSION) as string;
  if (version !== packageVersion()) {
    throw new Error(
      `${file} is ONNX Runtime ${version}, and this program needs ${packageVersion()}.`,
    );
  }
  const api = koffi.call(getApi, GET_API, API_VERSION) as bigint;
  return {
    version,
    file,
    table: koffi.decode(api, koffi.array('void *', TABLE_LENGTH)) as bigint[],
  };
}
