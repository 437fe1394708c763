import koffi, { type LibraryHandle } from 'koffi';

/** What NVIDIA's driver says of itself and of the first GPU. */
export type CudaDriver =
  | { status: 'absent' }
  /** `code`: CUDA's number of the error. */
  | { status: 'broken'; code: number }
  | {
      status: 'present';
      /** The latest CUDA that it knows: 13000 is CUDA 13.0. */
      version: number;
      /** Compute capability: 90 is 9.0. Null for a driver that is too old to be asked. */
      capability: number | null;
    };

/** The first driver's API that CUDA 13 goes with. */
export const OLDEST_DRIVER = 13_000;

const DRIVER = process.platform === 'win32' ? 'nvcuda.dll' : 'libcuda.so.1';

const CAPABILITY_MAJOR = 75;
const CAPABILITY_MINOR = 76;

let known: CudaDriver | null = null;
/** Held, for a library that nothing refers to is unloaded, and this one has started threads. */
let driver: LibraryHandle | null = null;

/** Asks NVIDIA's driver, once for this process. */
export function cudaDriver(): CudaDriver {
  known ??= ask();
  return known;
}

function ask(): CudaDriver {
  try {
    driver = koffi.load(DRIVER);
  } catch {
    return { status: 'absent' };
  }
  const number = new Int32Array(1);
  let code = driver.func('int cuDriverGetVersion(void *)')(number) as number;
  if (code !== 0) return { status: 'broken', code };
  const [version] = number;
  if (version < OLDEST_DRIVER) return { status: 'present', version, capability: null };
  code = driver.func('int cuInit(uint32_t)')(0) as number;
  if (code !== 0) return { status: 'broken', code };
  code = driver.func('int cuDeviceGet(void *, int)')(number, 0) as number;
  if (code !== 0) return { status: 'broken', code };
  const [device] = number;
  const attribute = driver.func('int cuDeviceGetAttribute(void *, int, int)');
  const read = (which: number) => {
    code ||= attribute(number, which, device) as number;
    return number[0];
  };
  const capability = 10 * read(CAPABILITY_MAJOR) + read(CAPABILITY_MINOR);
  return code === 0 ? { status: 'present', version, capability } : { status: 'broken', code };
}
