import '../testing/jsdom';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineChanged } from '../engine/engine';
import { readyEngine } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { StatusBar } from './StatusBar';

let page: { close: () => void };

beforeEach(async () => {
  page = await openPage({});
  render(<StatusBar />);
});
afterEach(() => {
  cleanup();
  page.close();
});

test.each([
  ['cpu', false, false, 'CPU'],
  ['webgpu', false, false, 'GPU (WebGPU)'],
  ['webgpu', true, false, 'GPU (WebGPU), half precision'],
  ['cuda', true, true, 'GPU (CUDA), half precision; drafts on the CPU'],
])('%s in half precision %s with drafts on the CPU %s is told in words', async (...row) => {
  const [name, half, draftsOnCpu, words] = row;
  if (readyEngine.status !== 'ready') throw new TypeError('The example engine is ready.');
  engineChanged({ ...readyEngine, device: { ...readyEngine.device, name, half, draftsOnCpu } });
  fireEvent.click(await screen.findByRole('button', { name: `Runs on ${words}: details` }));
  const dialog = await screen.findByRole('dialog', { name: 'Engine' });
  expect(dialog.textContent).toContain(`Device${words}`);
  expect(dialog.textContent).toContain(readyEngine.device.passedOver[0]);
});
