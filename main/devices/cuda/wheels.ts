/** A package of the Python Package Index, and what of it is needed; a wheel is a zip archive. */
export type Wheel = {
  project: string;
  file: string;
  bytes: number;
  sha256: string;
  /** Paths in the archive, and the bytes of each file. Their names are those that they have in the folder. */
  libraries: Readonly<Record<string, number>>;
};

/** The version of ONNX Runtime whose provider for CUDA is in these. */
export const WHEELS_VERSION = '1.30.0';

/**
 * By platform and processor: ONNX Runtime's provider for CUDA, for CUDA 13, and those of NVIDIA's libraries that it
 * links and that the app calls. CUDA 13.0's go with every driver that knows CUDA 13.
 */
const WHEELS: Record<string, readonly Wheel[]> = {
  'linux-x64': [
    {
      project: 'nvidia-cuda-runtime',
      file: 'nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      bytes: 2_243_632,
      sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
      libraries: { 'nvidia/cu13/lib/libcudart.so.13': 704_288 },
    },
    {
      project: 'nvidia-curand',
      file: 'nvidia_curand-10.4.0.35-py3-none-manylinux_2_27_x86_64.whl',
      bytes: 59_544_258,
      sha256: '1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc',
      libraries: { 'nvidia/cu13/lib/libcurand.so.10': 132_698_328 },
    },
    {
      project: 'onnxruntime-gpu',
      file: 'onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl',
      bytes: 246_685_715,
      sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
      libraries: {
        'onnxruntime/capi/libonnxruntime_providers_cuda.so': 272_049_904,
        'onnxruntime/capi/libonnxruntime_providers_shared.so': 14_632,
      },
    },
    {
      project: 'nvidia-cublas',
      file: 'nvidia_cublas-13.1.1.3-py3-none-manylinux_2_27_x86_64.whl',
      bytes: 423_138_758,
      sha256: '37936a16db8fe4ac1f065c2139360608a543a09275cb1a1af612e08cfa065436',
      libraries: {
        'nvidia/cu13/lib/libcublas.so.13': 54_177_976,
        'nvidia/cu13/lib/libcublasLt.so.13': 541_607_888,
      },
    },
  ],
  // The provider for Windows has its random numbers built in.
  'win32-x64': [
    {
      project: 'nvidia-cuda-runtime',
      file: 'nvidia_cuda_runtime-13.0.96-py3-none-win_amd64.whl',
      bytes: 2_927_037,
      sha256: 'f79298c8a098cec150a597c8eba58ecdab96e3bdc4b9bc4f9983635031740492',
      libraries: { 'nvidia/cu13/bin/x86_64/cudart64_13.dll': 470_640 },
    },
    {
      project: 'onnxruntime-gpu',
      file: 'onnxruntime_gpu-1.30.0-cp312-cp312-win_amd64.whl',
      bytes: 160_478_594,
      sha256: '882da66f936e1f560b155118c5953dc45268cd92893abb8d31a940f4d1effb36',
      libraries: {
        'onnxruntime/capi/onnxruntime_providers_cuda.dll': 184_764_256,
        'onnxruntime/capi/onnxruntime_providers_shared.dll': 21_816,
      },
    },
    {
      project: 'nvidia-cublas',
      file: 'nvidia_cublas-13.1.1.3-py3-none-win_amd64.whl',
      bytes: 404_358_158,
      sha256: 'b6cdce694e47ff6aadf0a69df1cab6628d696f5ff56e8d16af50309d855fa20f',
      libraries: {
        'nvidia/cu13/bin/x86_64/cublas64_13.dll': 51_561_584,
        'nvidia/cu13/bin/x86_64/cublasLt64_13.dll': 480_399_472,
      },
    },
  ],
};

/** What this platform needs; null where CUDA is not to be had. */
export function wheelsHere(): readonly Wheel[] | null {
  return WHEELS[`${process.platform}-${process.arch}`] ?? null;
}

export const downloadBytes = (wheels: readonly Wheel[]) =>
  wheels.reduce((sum, { bytes }) => sum + bytes, 0);

/** Of the libraries, once they are there. */
export const installedBytes = (wheels: readonly Wheel[]) =>
  wheels.flatMap(({ libraries }) => Object.values(libraries)).reduce((sum, size) => sum + size, 0);
