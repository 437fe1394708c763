import { expect, it } from 'vitest';
import { holdsGpuLibraries, isRecentPython } from './python.mjs';

it.each([
  ['3 11', true],
  ['3 14\n', true],
  ['3 10', false],
  ['2 7', false],
  ['', false],
])('takes Python %j: %s', (printed, recent) => {
  expect(isRecentPython(printed)).toBe(recent);
});

it('tells a PyTorch for GPUs by what comes with it', () => {
  expect(holdsGpuLibraries(['torch', 'numpy', 'sympy'])).toBe(false);
  expect(holdsGpuLibraries(['torch', 'nvidia-cudnn-cu13', 'numpy'])).toBe(true);
  expect(holdsGpuLibraries(['torch', 'triton'])).toBe(true);
});
