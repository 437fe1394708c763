import { expect, it } from 'vitest';
import { type CudaFacts, whyCudaAbsent } from './cuda-absence';

const driver = (version: number, capability: number | null) =>
  ({ status: 'present', version, capability }) as const;
const ABSENT = { status: 'absent' } as const;

it.each<[string, CudaFacts, string]>([
  [
    'no driver and no libraries',
    { provider: 'nowhere', driver: ABSENT },
    'CUDA needs NVIDIA’s driver, which is not installed here, and libraries that `npm run gpu` fetches.',
  ],
  [
    'no driver',
    { provider: 'here', driver: ABSENT },
    'CUDA needs NVIDIA’s driver, which is not installed here.',
  ],
  [
    'a driver without a GPU',
    { provider: 'here', driver: { status: 'broken', code: 100 } },
    'CUDA is not used: NVIDIA’s driver finds no GPU.',
  ],
  [
    'a driver of another version than the kernel’s part of it',
    { provider: 'here', driver: { status: 'broken', code: 803 } },
    'NVIDIA’s driver does not start (error 803): restart the machine, or install the driver anew.',
  ],
  [
    'a driver for CUDA 12.4',
    { provider: 'nowhere', driver: driver(12_040, null) },
    'CUDA 13 needs NVIDIA’s driver 580 or later: the one here knows CUDA 12.4.',
  ],
  [
    'a GPU that is too old',
    { provider: 'nowhere', driver: driver(13_000, 70) },
    'ONNX Runtime’s CUDA library has no code for this GPU (compute capability 7.0).',
  ],
  [
    'a GPU between two for which there is code',
    { provider: 'here', driver: driver(13_000, 100) },
    'ONNX Runtime’s CUDA library has no code for this GPU (compute capability 10.0).',
  ],
  [
    'libraries that were not fetched',
    { provider: 'nowhere', driver: driver(13_000, 90) },
    'CUDA’s libraries are not here yet: run `npm run gpu`, or choose “Fetch CUDA” in the engine dialog.',
  ],
  [
    'libraries of another version',
    { provider: { unfit: '/cuda' }, driver: driver(13_000, 90) },
    'CUDA’s libraries in /cuda do not fit this program: run `npm run gpu` again.',
  ],
])('says what is missing for CUDA: %s', (_, facts, sentence) => {
  expect(whyCudaAbsent(facts)).toBe(sentence);
});

it.each([75, 80, 86, 87, 89, 90, 120, 121])(
  'has nothing against a GPU of compute capability %i',
  (capability) => {
    expect(whyCudaAbsent({ provider: 'here', driver: driver(13_010, capability) })).toBeNull();
  },
);
