import { type CudaDriver, OLDEST_DRIVER } from './runtime/cuda-driver';

export type CudaFacts = {
  /** ONNX Runtime's provider for CUDA: beside the library that is loaded, nowhere, or in a folder that does not fit. */
  provider: 'here' | 'nowhere' | { unfit: string };
  driver: CudaDriver;
};

/**
 * Compute capabilities that ONNX Runtime's provider has code for: 75 is 7.5. A GPU runs what was made for its own major
 * number and no larger minor one. (`cuobjdump --list-elf`; 10 and 11 are left out, and there is nothing to compile.)
 */
const HAS_CODE_FOR = [75, 80, 86, 89, 90, 120];

/** `cuInit`'s answer on a machine without a GPU. */
const NO_DEVICE = 100;

/** Why CUDA cannot be used, in a sentence that says what to do about it, or null when it may be. */
export function whyCudaAbsent({ provider, driver }: CudaFacts): string | null {
  if (driver.status === 'absent') {
    return provider === 'nowhere'
      ? 'CUDA needs NVIDIA’s driver, which is not installed here, and libraries that `npm run gpu` fetches.'
      : 'CUDA needs NVIDIA’s driver, which is not installed here.';
  }
  if (driver.status === 'broken') {
    return driver.code === NO_DEVICE
      ? 'CUDA is not used: NVIDIA’s driver finds no GPU.'
      : `NVIDIA’s driver does not start (error ${driver.code}): restart the machine, or install the driver anew.`;
  }
  if (driver.version < OLDEST_DRIVER) {
    return `CUDA 13 needs NVIDIA’s driver 580 or later: the one here knows CUDA ${asCuda(driver.version)}.`;
  }
  if (driver.capability !== null && !hasCodeFor(driver.capability)) {
    const capability = (driver.capability / 10).toFixed(1);
    return `ONNX Runtime’s CUDA library has no code for this GPU (compute capability ${capability}).`;
  }
  if (provider === 'nowhere') {
    return 'CUDA’s libraries are not here yet: run `npm run gpu`, or choose “Fetch CUDA” in the engine dialog.';
  }
  if (provider !== 'here') {
    return `CUDA’s libraries in ${provider.unfit} do not fit this program: run \`npm run gpu\` again.`;
  }
  return null;
}

const asCuda = (version: number) =>
  `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;

const hasCodeFor = (capability: number) =>
  HAS_CODE_FOR.some(
    (made) => Math.floor(made / 10) === Math.floor(capability / 10) && made <= capability,
  );
