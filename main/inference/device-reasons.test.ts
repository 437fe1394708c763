import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toFailure } from '../../contract/failure';
import { reasonOf } from './device-reasons';
import { CUDA_FOLDER } from './messages';
import { packagedFile } from './packaged-library';
import { PROVIDERS } from './providers';
import { CUDA_PROVIDER } from './runtime/cuda-libraries';

// A driver that has nothing against CUDA, so that what the folder lacks is told of.
vi.mock('./runtime/cuda-driver', async (original) => ({
  ...(await original<typeof import('./runtime/cuda-driver')>()),
  cudaDriver: () => ({ status: 'present', version: 13_000, capability: 90 }),
}));

const CODEC = fileURLToPath(new URL('../../tests/data/synthetic-codec.onnx', import.meta.url));
const isOnThisPlatform = PROVIDERS.cuda.platforms.includes(process.platform);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-cuda-'));
  vi.stubEnv(CUDA_FOLDER, folder);
  // As in a process that begins.
  vi.resetModules();
  koffi.reset();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Which library a process loads, and why it opens no graph on CUDA; on the CPU it opens one in any case. */
async function loaded(): Promise<{ file: string; reason: string }> {
  const { library } = await import('./runtime/api');
  const { openSession } = await import('./session');
  openSession(CODEC, { device: 'cpu', threads: 1 }).release();
  const { file } = library();
  try {
    openSession(CODEC, { device: 'cuda', threads: 1 }).release();
  } catch (error) {
    return {
      file,
      reason: toFailure(error).message.replace(/^.* could not be opened on cuda: /, ''),
    };
  }
  return { file, reason: 'none' };
}

const unfit = () =>
  `CUDA’s libraries in ${folder} do not fit this program: run \`npm run gpu\` again.`;

describe.runIf(isOnThisPlatform)('a folder for CUDA', () => {
  it('that is not named leaves the library that the program carries', async () => {
    vi.stubEnv(CUDA_FOLDER, undefined);
    expect(await loaded()).toEqual({
      file: packagedFile(),
      reason:
        'CUDA’s libraries are not here yet: run `npm run gpu`, or choose “Fetch CUDA” in the engine dialog.',
    });
  });

  it('without ONNX Runtime leaves it too', async () => {
    expect(await loaded()).toEqual({ file: packagedFile(), reason: unfit() });
  });

  it('with something else in place of ONNX Runtime leaves it too', async () => {
    await writeFile(join(folder, basename(packagedFile())), 'no library');
    await writeFile(join(folder, CUDA_PROVIDER), 'no library');
    expect(await loaded()).toEqual({ file: packagedFile(), reason: unfit() });
  });

  it('with ONNX Runtime gives it, and says that a provider that is damaged does not load', async () => {
    const file = join(folder, basename(packagedFile()));
    await copyFile(packagedFile(), file);
    expect(await loaded()).toEqual({ file, reason: unfit() });
    await writeFile(join(folder, CUDA_PROVIDER), 'no library');
    expect(await loaded()).toEqual({
      file,
      reason:
        'CUDA is not here, for ONNX Runtime’s libraries for it do not load: run `npm run gpu -- --remove`, then `npm run gpu`.',
    });
  });
});

/** As ONNX Runtime 1.30 words it. */
const cudaFailure = (what: string) =>
  new Error(
    'CreateSession: /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 std::conditional_t<THRW, void, ' +
      'onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, SUCCTYPE, const char*, ' +
      'const char*, int) [with ERRTYPE = cudaError; bool THRW = true; SUCCTYPE = cudaError; std::conditional_t<THRW, ' +
      `void, common::Status> = void] CUDA failure ${what} ; GPU=-1 ; hostname=vm ; file=/a/cuda_execution_provider.cc ; ` +
      'line=352 ; expr=cudaSetDevice(info_.device_id); \n',
  );

it.each([
  [
    cudaFailure('36: API call is not supported in the installed CUDA driver'),
    'CUDA failed: API call is not supported in the installed CUDA driver (error 36).',
  ],
  [
    cudaFailure('2: out of memory'),
    'CUDA needs more memory than its device has free: close other programs that use it, or choose a smaller voice pack.',
  ],
  [
    new Error('RunWithBinding: bfc_arena.cc:376 Failed to allocate memory for requested buffer'),
    'CUDA needs more memory than its device has free: close other programs that use it, or choose a smaller voice pack.',
  ],
])('says in a sentence what CUDA failed of', (error, sentence) => {
  expect(reasonOf('cuda', error)).toBe(sentence);
});
