import { expect, it } from 'vitest';
import { PLAIN_USE } from '../../main/inference/messages';
import { gpusOn } from '../../main/inference/providers';
import { gpuPlaces } from './places';

const names = (places: { name: string }[]) => places.map(({ name }) => name);

it('are a GPU at its fastest, with drafts at the other place, and with the graphs as they are', () => {
  const fastest = { half: true, smallBlocks: true, captured: false, draftsOnCpu: true };
  const places = gpuPlaces('webgpu', fastest);
  expect(names(places)).toEqual([
    'WebGPU, half precision, blocks of 16, drafts on the CPU',
    'WebGPU, half precision, blocks of 16, drafts on the GPU',
    'WebGPU, single precision, drafts on the GPU',
  ]);
  expect(places[0]).toMatchObject({ device: 'webgpu', gpu: fastest });
  expect(places[2].gpu).toEqual(PLAIN_USE);
});

it('leave out the graphs as they are where a provider cannot take them, and name captured passes', () => {
  const fastest = { half: true, smallBlocks: false, captured: true, draftsOnCpu: false };
  expect(names(gpuPlaces('cuda', fastest))).toEqual([
    'CUDA, half precision, captured, drafts on the GPU',
    'CUDA, half precision, captured, drafts on the CPU',
  ]);
});

it('are measured once where two uses are one', () => {
  expect(names(gpuPlaces('webgpu', PLAIN_USE))).toEqual([
    'WebGPU, single precision, drafts on the GPU',
    'WebGPU, single precision, drafts on the CPU',
  ]);
});

it.each([
  ['linux', ['cuda', 'webgpu']],
  ['darwin', ['webgpu', 'coreml']],
  ['win32', ['cuda', 'webgpu', 'dml']],
] as const)('on %s are looked for by every provider of the platform', (platform, devices) => {
  expect(gpusOn(platform)).toEqual(devices);
});
